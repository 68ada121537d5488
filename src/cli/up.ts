import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { formatManifestProblem } from '../api/read-manifests.js';
import type { App, StartProblem } from '../app.js';
import { assertNever } from '../core/assert-never.js';
import { isLoopback, type ListenAddress, parseListenAddress } from './listen-address.js';

/** What `warmpool up` was asked for. */
export interface UpOptions {
  readonly manifests: readonly string[];
  readonly stateDirectory: string;
  readonly listen: ListenAddress;
  readonly token?: string;
  readonly graceMs: number;
  readonly cleanup: boolean;
  readonly logLevel: string;
}

/** How `up` reaches the rest of the program. */
export interface UpDeps {
  readonly start: (options: UpOptions) => Promise<E.Either<StartProblem | DockerProblem, App>>;
  /** Resolves with the name of the first signal that asks to stop; the second ends the process. */
  readonly stopRequested: () => Promise<string>;
  readonly stderr: (text: string) => void;
  readonly defaults: {
    readonly stateDirectory: string;
    readonly listen: string;
    readonly logLevel: string;
    readonly token?: string;
  };
}

/** The variables that say where the engine is make no sense. */
export interface DockerProblem {
  readonly type: 'EndpointProblem';
  readonly message: string;
}

const describeProblem = (problem: StartProblem | DockerProblem): string => {
  switch (problem.type) {
    case 'BadManifests':
      return problem.problems.map(formatManifestProblem).join('\n');
    case 'StateDirectoryProblem':
    case 'StoreFailed':
    case 'ListenProblem':
    case 'EndpointProblem':
      return problem.message;
    default:
      return assertNever(problem);
  }
};

interface RawOptions {
  readonly filename: readonly string[];
  readonly state: string;
  readonly listen: string;
  readonly grace: string;
  readonly cleanup: boolean;
  readonly logLevel: string;
}

/** Longer graces than this are a typing error: a service manager would have killed the process long before. */
const MAX_GRACE_SECONDS = 3600;

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

const checkOptions = (raw: RawOptions, token: string | undefined): E.Either<string, UpOptions> => {
  // an empty one is a variable of a script that is not set, and would mean the present directory
  if (raw.filename.includes('')) return E.left('-f: must name a file or a directory');
  if (raw.state === '') return E.left('--state: must name a directory');
  const listen = parseListenAddress(raw.listen);
  if (E.isLeft(listen)) return E.left(`--listen: ${listen.left}`);
  const grace = Number(raw.grace);
  if (raw.grace.trim() === '' || !(grace >= 0 && grace <= MAX_GRACE_SECONDS)) {
    return E.left(`--grace: must be 0 to ${MAX_GRACE_SECONDS} seconds, not "${raw.grace}"`);
  }
  if (!LOG_LEVELS.includes(raw.logLevel)) {
    return E.left(`--log-level: must be one of ${LOG_LEVELS.join(', ')}, not "${raw.logLevel}"`);
  }
  if (!isLoopback(listen.right) && token === undefined) {
    return E.left(
      `--listen ${raw.listen} can be reached from other machines, so callers need a token: ` +
        'set WARMPOOL_TOKEN or WARMPOOL_TOKEN_FILE, or listen on 127.0.0.1',
    );
  }
  return E.right({
    manifests: raw.filename,
    stateDirectory: raw.state,
    listen: listen.right,
    ...(token === undefined ? {} : { token }),
    graceMs: grace * 1000,
    cleanup: raw.cleanup,
    logLevel: raw.logLevel,
  });
};

const collect = (value: string, earlier: readonly string[]): readonly string[] => [
  ...earlier,
  value,
];

/** Adds `warmpool up`; `done` takes its exit status. */
export const addUpCommand = (
  program: Command,
  deps: UpDeps,
  done: (exitStatus: number) => void,
): void => {
  program
    .command('up')
    .description('keep the pools of manifest files warm on the Docker engine, and serve them')
    .requiredOption(
      '-f, --filename <file>',
      'manifest file or directory; may be repeated',
      collect,
      [],
    )
    .option('--state <directory>', 'where leases are kept', deps.defaults.stateDirectory)
    .option('--listen <address>', 'HOST:PORT or unix:/path to serve on', deps.defaults.listen)
    .option('--grace <seconds>', 'how long commands may go on when stopping', '10')
    .option('--cleanup', 'when stopping, end all leases and remove all sandboxes', false)
    .option('--log-level <level>', LOG_LEVELS.join(', '), deps.defaults.logLevel)
    .addHelpText(
      'after',
      [
        '',
        'Stops on SIGTERM or Ctrl-C; warm sandboxes and leases stay for the next start, unless --cleanup.',
        'The engine is found as docker finds it: DOCKER_HOST, DOCKER_CONTEXT, or the default socket.',
        'WARMPOOL_TOKEN or WARMPOOL_TOKEN_FILE sets the token that callers must present.',
        '',
        'Example:',
        '  warmpool up -f manifests/examples/python.yaml',
      ].join('\n'),
    )
    .action(async (raw: RawOptions) => {
      if (raw.filename.length === 0) {
        deps.stderr('warmpool: up needs at least one manifest: -f pool.yaml\n');
        return done(2);
      }
      const options = checkOptions(raw, deps.defaults.token);
      if (E.isLeft(options)) {
        deps.stderr(`warmpool: ${options.left}\n`);
        return done(2);
      }
      // asked for before the start: a signal that comes while it starts must not be lost
      const stopRequested = deps.stopRequested();
      const app = await deps.start(options.right);
      if (E.isLeft(app)) {
        deps.stderr(`warmpool: ${describeProblem(app.left)}\n`);
        return done(1);
      }
      await stopRequested;
      const { graceMs, cleanup } = options.right;
      const stopped = await app.right.stop({ graceMs, cleanup });
      if (E.isRight(stopped)) return done(0);
      deps.stderr(`warmpool: ${stopped.left.message}\n`);
      return done(1);
    });
};
