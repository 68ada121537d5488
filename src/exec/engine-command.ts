import type { Readable } from 'node:stream';
import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import type { ExecEnd, ExecSpec, ExecStream, SandboxBackend } from '../ports/sandbox-backend.js';
import { TIMED_OUT, withDeadline } from '../runtime/deadline.js';
import type { CommandResult, CommandSpec, ExecError, OutputName, OutputSink } from './command.js';
import { endedResult, stoppedResult } from './command-result.js';
import { type KillOutcome, killCommand, type SendSignal } from './kill-command.js';
import { notKilled } from './not-killed.js';
import { toExecError } from './open-sandbox-shell.js';
import { capOutput, type OutputCap } from './output-cap.js';
import { type StopCause, waitForEnd } from './wait-for-end.js';

/** How long the engine may take to say that a command, which is dead, has ended. */
const LAST_WORDS_MS = 2000;

export interface EngineDeps {
  readonly uid: string;
  readonly backend: Pick<SandboxBackend, 'openExec'>;
  readonly clock: Clock;
  /** Reaches what the command started. */
  readonly send: SendSignal;
}

/** One exec of the engine under way. */
interface Run {
  readonly deps: EngineDeps;
  readonly stream: ExecStream;
  readonly cap: OutputCap;
  readonly ended: Promise<ExecEnd>;
  readonly elapsed: () => number;
}

/**
 * Runs a command by the engine's own exec: some 60 ms instead of one, but it needs no shell in the
 * image and takes any user. Settles within the timeout, 2 s of grace and a bounded time for killing.
 */
export const runEngineCommand = async (
  deps: EngineDeps,
  spec: ExecSpec,
  command: Pick<CommandSpec, 'stdin' | 'timeoutMs' | 'maxOutputBytes'>,
  caller: { readonly sink: OutputSink; readonly signal: AbortSignal },
): Promise<E.Either<ExecError, CommandResult>> => {
  const { clock, backend, uid } = deps;
  const start = clock.monotonic();
  const opened = await backend.openExec(uid, spec)();
  if (E.isLeft(opened)) return E.left(toExecError(opened.left));
  const stream = opened.right;
  const cap = capOutput(caller.sink, command.maxOutputBytes);
  const ended = follow(stream, cap, command.stdin);
  const limits = { timeoutMs: command.timeoutMs, signal: caller.signal };
  const end = await waitForEnd(clock, ended, limits);
  const run: Run = { deps, stream, cap, ended, elapsed: () => clock.monotonic() - start };
  if (end === 'TimedOut' || end === 'Canceled') return stop(run, end);
  cap.cutOff();
  stream.close();
  if (end.type === 'Lost') return E.left({ type: 'ShellLost', message: end.message });
  return E.right(endedResult(end.exitCode, factsOf(run)));
};

const factsOf = ({ cap, elapsed }: Run) => ({ via: 'engine' as const, cap, execMs: elapsed() });

/** Feeds the command and passes its output on; resolves once it has ended and its reader has everything. */
const follow = async (
  stream: ExecStream,
  cap: OutputCap,
  stdin: Uint8Array | undefined,
): Promise<ExecEnd> => {
  // a command need not read all of its input
  stream.stdin.on('error', () => undefined);
  if (stdin === undefined) stream.stdin.end();
  else stream.stdin.end(stdin);
  const read = Promise.all([
    pass(stream.stdout, 'stdout', cap.sink),
    pass(stream.stderr, 'stderr', cap.sink),
  ]);
  const end = await stream.ended;
  await read;
  return end;
};

/** Resolves when the stream has ended and its reader took the last of it. */
const pass = (source: Readable, name: OutputName, sink: OutputSink): Promise<void> =>
  new Promise((resolve) => {
    let last: Promise<void> = Promise.resolve();
    source.on('data', (bytes: Buffer) => {
      const held = sink(name, bytes);
      if (held === undefined) return;
      source.pause();
      last = held.then(() => void source.resume());
    });
    source.once('close', () => resolve(last));
    source.once('end', () => resolve(last));
  });

const stop = async (run: Run, cause: StopCause): Promise<E.Either<ExecError, CommandResult>> => {
  const { deps, stream, cap, ended } = run;
  if (cause === 'Canceled') cap.cutOff();
  const kill = (): Promise<KillOutcome> =>
    killCommand(deps.clock, deps.send, { over: ended, insist: true });
  let outcome = await kill();
  cap.cutOff();
  const end = outcome === 'Dead' ? await withDeadline(deps.clock, LAST_WORDS_MS, ended) : undefined;
  // an exec that was only about to start escaped the kill
  if (end === TIMED_OUT) outcome = await kill();
  stream.close();
  if (outcome !== 'Dead') return E.left(notKilled(deps.uid, outcome));
  return E.right(stoppedResult(cause, factsOf(run)));
};
