import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';

/** What the environment says, read once at the start. Empty variables count as unset. */
export interface Config {
  /** `WARMPOOL_URL`: where the command line finds the operator. */
  readonly url: string;
  /** `WARMPOOL_TOKEN`, or the content of the file that `WARMPOOL_TOKEN_FILE` names. */
  readonly token?: string;
  /** `WARMPOOL_NAMESPACE`: the namespace of pools when the command line names none. */
  readonly namespace: string;
  /** `WARMPOOL_STATE`, else `$XDG_STATE_HOME/warmpool`, else `~/.local/state/warmpool`. */
  readonly stateDirectory: string;
  /** `WARMPOOL_LISTEN`: where `warmpool up` listens. */
  readonly listen: string;
  /** `WARMPOOL_LOG_LEVEL`. */
  readonly logLevel: string;
  /** `WARMPOOL_LOG_FORMAT`: `json` or `pretty`; by the terminal when unset. */
  readonly logFormat?: string;
  /** Colours may be used (`NO_COLOR` is unset: https://no-color.org). */
  readonly colours: boolean;
  readonly docker: DockerEnvironment;
  readonly setup: SetupEnvironment;
}

/** The variables by which Docker's own tools find the engine. */
export interface DockerEnvironment {
  readonly DOCKER_HOST?: string;
  readonly DOCKER_CERT_PATH?: string;
  readonly DOCKER_TLS_VERIFY?: string;
  readonly DOCKER_CONTEXT?: string;
  readonly DOCKER_CONFIG?: string;
}

/** For the project's own set-up scripts. */
export interface SetupEnvironment {
  /** `WARMPOOL_ENGINE_DIR`: where an engine of the project's own keeps its data, pid and log. */
  readonly engineDirectory?: string;
  /** `WARMPOOL_ENGINE=none`: do without an engine. */
  readonly engine?: string;
  /** `WARMPOOL_IMAGE`: the image to use instead of looking for one. */
  readonly image?: string;
}

/** A variable whose value cannot be used; `message` names it. */
export interface ConfigProblem {
  readonly type: 'ConfigProblem';
  readonly message: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const set = (environment: Environment, name: string): string | undefined => {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
};

/** The named variables that are set, under their own names. */
const pick = <Name extends string>(
  environment: Environment,
  names: readonly Name[],
): { readonly [Key in Name]?: string } => {
  const found: { [Key in Name]?: string } = {};
  for (const name of names) {
    const value = set(environment, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
};

const readToken = (environment: Environment): E.Either<ConfigProblem, string | undefined> => {
  const token = set(environment, 'WARMPOOL_TOKEN');
  const file = set(environment, 'WARMPOOL_TOKEN_FILE');
  if (token !== undefined || file === undefined) return E.right(token);
  return E.tryCatch(
    () => readFileSync(file, 'utf8').trim(),
    (cause) => ({
      type: 'ConfigProblem',
      message: `WARMPOOL_TOKEN_FILE: cannot read ${file}: ${E.toError(cause).message}`,
    }),
  );
};

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/** Reads a set of environment variables; the process's own unless others are given. */
export const readConfig = (
  environment: Environment = process.env,
): E.Either<ConfigProblem, Config> => {
  const token = readToken(environment);
  if (E.isLeft(token)) return token;
  const logLevel = set(environment, 'WARMPOOL_LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    return E.left({
      type: 'ConfigProblem',
      message: `WARMPOOL_LOG_LEVEL: must be one of ${LOG_LEVELS.join(', ')}, not "${logLevel}"`,
    });
  }
  const logFormat = set(environment, 'WARMPOOL_LOG_FORMAT');
  if (logFormat !== undefined && logFormat !== 'json' && logFormat !== 'pretty') {
    return E.left({
      type: 'ConfigProblem',
      message: `WARMPOOL_LOG_FORMAT: must be json or pretty, not "${logFormat}"`,
    });
  }
  const stateHome = set(environment, 'XDG_STATE_HOME') ?? join(homedir(), '.local', 'state');
  const engineDirectory = set(environment, 'WARMPOOL_ENGINE_DIR');
  const engine = set(environment, 'WARMPOOL_ENGINE');
  const image = set(environment, 'WARMPOOL_IMAGE');
  return E.right({
    url: set(environment, 'WARMPOOL_URL') ?? 'http://127.0.0.1:7070',
    ...(token.right === undefined ? {} : { token: token.right }),
    namespace: set(environment, 'WARMPOOL_NAMESPACE') ?? 'default',
    stateDirectory: set(environment, 'WARMPOOL_STATE') ?? join(stateHome, 'warmpool'),
    listen: set(environment, 'WARMPOOL_LISTEN') ?? '127.0.0.1:7070',
    logLevel,
    ...(logFormat === undefined ? {} : { logFormat }),
    colours: set(environment, 'NO_COLOR') === undefined,
    docker: pick(environment, [
      'DOCKER_HOST',
      'DOCKER_CERT_PATH',
      'DOCKER_TLS_VERIFY',
      'DOCKER_CONTEXT',
      'DOCKER_CONFIG',
    ]),
    setup: {
      ...(engineDirectory === undefined ? {} : { engineDirectory }),
      ...(engine === undefined ? {} : { engine }),
      ...(image === undefined ? {} : { image }),
    },
  });
};
