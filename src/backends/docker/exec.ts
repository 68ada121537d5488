import { Socket } from 'node:net';
import { Duplex, Writable } from 'node:stream';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../../ports/clock.js';
import type {
  ExecEnd,
  ExecOpenError,
  ExecSpec,
  ExecStream,
  SandboxGone,
} from '../../ports/sandbox-backend.js';
import { demux } from './demux.js';
import type { Engine } from './engine.js';
import { answered, type EngineProblem, toBackendError, unavailable } from './errors.js';
import { ExecConnection } from './exec-connection.js';
import { askExecEnd } from './exec-end.js';

/** An exec takes 60 ms to begin on an idle machine, and runs through the same engine as all starts. */
const OPEN_MS = 30_000;
const RESIZE_MS = 5000;
/** Finds out about a peer that vanished without a word; local sockets have no such thing. */
const KEEP_ALIVE_MS = 30_000;
/** Engines of Docker 20.10 take no size when the exec is made, and a moment later only once it has started. */
const RESIZE_TRIES = 5;
const RESIZE_PAUSE_MS = 20;

const toOpenError = (uid: string, problem: EngineProblem): ExecOpenError => {
  const gone = answered(problem, 404, 409) || /is not running/.test(problem.message);
  if (!gone || /is paused/.test(problem.message)) return toBackendError(problem);
  const message = `sandbox ${uid.slice(0, 12)} does not run: ${problem.message}`;
  return { type: 'SandboxGone', message, uid } satisfies SandboxGone;
};

/** An engine that restarts under running sandboxes forgets an exec that it has just made: that says nothing of the sandbox. */
const toStartError = (uid: string, problem: EngineProblem): ExecOpenError => {
  const forgotten = answered(problem, 404) && /no such exec/iu.test(problem.message);
  return forgotten ? unavailable(problem.message, problem.cause) : toOpenError(uid, problem);
};

/** Writes to the process, at once and with backpressure. A process that no longer reads is no error: how it ended tells the rest. */
const stdinOf = (socket: Duplex): Writable =>
  new Writable({
    write: (chunk, _encoding, done) => {
      if (socket.destroyed || socket.writableEnded) done();
      else socket.write(chunk, () => done());
    },
    final: (done) => {
      if (socket.destroyed || socket.writableEnded) done();
      else socket.end(() => done());
    },
  });

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

const toStream = (
  socket: Duplex,
  spec: ExecSpec,
  askEnd: (stopped: () => boolean) => Promise<ExecEnd>,
): ExecStream => {
  const wire = socket instanceof ExecConnection ? socket.socket : socket;
  if (wire instanceof Socket) {
    wire.setNoDelay(true);
    wire.setKeepAlive(true, KEEP_ALIVE_MS);
  }
  let closed = false;
  const { stdout, stderr, ended } = demux(socket, { tty: spec.tty !== undefined });
  const whenEnded = async (): Promise<ExecEnd> => {
    const end = await ended;
    if (closed) return { type: 'Lost', message: 'the stream was closed' };
    const result: ExecEnd =
      end.type === 'Broken' ? { type: 'Lost', message: end.message } : await askEnd(() => closed);
    socket.destroy();
    return result;
  };
  return {
    stdin: spec.stdin ? stdinOf(wire) : nowhere(),
    stdout,
    stderr,
    ended: whenEnded(),
    close: () => {
      closed = true;
      socket.destroy();
    },
  };
};

/** Opens execs by the engine's API: one connection each, its own for as long as the exec lasts. */
export const openExec =
  (
    engine: Engine,
    clock: Clock,
    uid: string,
    spec: ExecSpec,
  ): TaskEither<ExecOpenError, ExecStream> =>
  async () => {
    const { argv, cwd, env, user, stdin, tty } = spec;
    const made = await engine.call(OPEN_MS, (docker, abortSignal) =>
      docker.getContainer(uid).exec({
        Cmd: [...argv],
        AttachStdin: stdin,
        AttachStdout: true,
        AttachStderr: true,
        Tty: tty !== undefined,
        ...(cwd === undefined ? {} : { WorkingDir: cwd }),
        ...(env === undefined
          ? {}
          : { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
        ...(user === undefined ? {} : { User: user }),
        abortSignal,
      }),
    )();
    if (E.isLeft(made)) return E.left(toOpenError(uid, made.left));
    const { id } = made.right;
    const started = await engine.open(OPEN_MS, (docker, abortSignal) =>
      docker.getExec(id).start({ hijack: true, stdin: true, Tty: tty !== undefined, abortSignal }),
    )();
    if (E.isLeft(started)) return E.left(toStartError(uid, started.left));
    const socket = started.right;
    // Before anything is awaited: a socket that breaks must find somebody who listens.
    const stream = toStream(socket, spec, (stopped) => askExecEnd(engine, clock, id, stopped));
    if (tty !== undefined) await resize(engine, clock, id, tty);
    return E.right(stream);
  };

/** The terminal exists a moment after the stream does. A size that cannot be set is no reason to fail. */
const resize = async (
  engine: Engine,
  clock: Clock,
  execId: string,
  size: { readonly columns: number; readonly rows: number },
): Promise<void> => {
  for (let tries = 0; tries < RESIZE_TRIES; tries += 1) {
    const done = await engine.call(RESIZE_MS, (docker, abortSignal) => {
      const how = { h: size.rows, w: size.columns, abortSignal };
      return docker.getExec(execId).resize(how);
    })();
    if (E.isRight(done) || done.left.type === 'Unreachable') return;
    await new Promise<void>((resolve) => void clock.setTimer(RESIZE_PAUSE_MS, resolve));
  }
};
