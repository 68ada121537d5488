import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { askEngine, type EngineAddress } from './engine-http.js';
import { findProgram } from './packages.js';
import { runCommand } from './run-command.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/** A way to run a command as people do without warm sandboxes. */
export interface Comparison {
  /** `docker run`: the column's title. */
  readonly title: string;
  /** Runs the command once; Right(its exit code). */
  readonly run: (argv: readonly string[]) => TaskEither<SetupFailed, number>;
}

export interface CompareOptions {
  readonly engine: EngineAddress;
  readonly image: string;
  /** A running container for `docker exec`, and the directory in it. */
  readonly container: { readonly id: string; readonly directory: string };
}

/** A container for one command takes seconds at worst, unless something is wrong. */
const CALL_LIMIT_MS = 60_000;

const dockerCommand = (
  docker: string,
  engine: EngineAddress,
  args: readonly string[],
): TaskEither<SetupFailed, number> => {
  const ran = runCommand([docker, '--host', engine.host, ...args]);
  return async () => E.map(({ exitCode }: { exitCode: number }) => exitCode)(await ran());
};

interface Reply {
  readonly Id?: string;
  readonly StatusCode?: number;
  readonly ExitCode?: number;
}

/** A call that must succeed, with what of its answer is needed below. */
const call = async (
  engine: EngineAddress,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  json?: unknown,
): Promise<Reply> => {
  const answer = await askEngine(engine, {
    method,
    path,
    ...(json === undefined ? {} : { body: { json } }),
    signal: AbortSignal.timeout(CALL_LIMIT_MS),
  })();
  if (E.isLeft(answer)) throw new Error(answer.left.message);
  const { status, body } = answer.right;
  if (status >= 400) throw new Error(`the engine answers ${status} to ${path}: ${body.toString()}`);
  const text = body.toString();
  // the output of an exec is no JSON, and is not looked at
  const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  return typeof parsed === 'object' && parsed !== null ? parsed : {};
};

const attempt =
  (work: () => Promise<number>): TaskEither<SetupFailed, number> =>
  async () => {
    try {
      return E.right(await work());
    } catch (error) {
      return E.left(setupFailed(E.toError(error).message));
    }
  };

const runByApi = ({ engine, image }: CompareOptions, argv: readonly string[]) =>
  attempt(async () => {
    const spec = { Image: image, Cmd: argv, HostConfig: { NetworkMode: 'none' } };
    const { Id } = await call(engine, 'POST', '/containers/create', spec);
    try {
      await call(engine, 'POST', `/containers/${Id}/start`);
      return (await call(engine, 'POST', `/containers/${Id}/wait`)).StatusCode ?? 1;
    } finally {
      await call(engine, 'DELETE', `/containers/${Id}?force=1&v=1`);
    }
  });

const execByApi = ({ engine, container }: CompareOptions, argv: readonly string[]) =>
  attempt(async () => {
    const spec = {
      Cmd: argv,
      AttachStdout: true,
      AttachStderr: true,
      WorkingDir: container.directory,
    };
    const { Id } = await call(engine, 'POST', `/containers/${container.id}/exec`, spec);
    await call(engine, 'POST', `/exec/${Id}/start`, { Detach: false, Tty: false });
    return (await call(engine, 'GET', `/exec/${Id}/json`)).ExitCode ?? 1;
  });

/** `docker run` and `docker exec`: by the docker command where there is one, else by the same calls to the engine. */
export const comparisons = (options: CompareOptions): readonly Comparison[] => {
  const { engine, image, container } = options;
  const docker = findProgram('docker');
  if (docker === undefined || engine.tls) {
    return [
      { title: 'container per command', run: (argv) => runByApi(options, argv) },
      { title: 'engine exec', run: (argv) => execByApi(options, argv) },
    ];
  }
  const run = ['run', '--rm', '--network', 'none', image];
  const exec = ['exec', '--workdir', container.directory, container.id];
  return [
    { title: 'docker run', run: (argv) => dockerCommand(docker, engine, [...run, ...argv]) },
    { title: 'docker exec', run: (argv) => dockerCommand(docker, engine, [...exec, ...argv]) },
  ];
};
