import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import { TIMED_OUT, withDeadline } from '../runtime/deadline.js';
import type { CommandResult, CommandSpec, ExecError, OutputSink } from './command.js';
import { endedResult, stoppedResult } from './command-result.js';
import { type KillOutcome, killCommand } from './kill-command.js';
import { notKilled } from './not-killed.js';
import { capOutput, type OutputCap } from './output-cap.js';
import { isClean } from './run-script.js';
import type { ResidentShell, ShellReply } from './shell.js';
import type { ShellSet } from './shell-set.js';
import { endShell, signalOverShell } from './signal-over-shell.js';
import { type StopCause, waitForEnd } from './wait-for-end.js';
import { commandScript } from './wrap-command.js';

/** How long a shell may take to say that its command, which is dead, has ended. */
const LAST_WORDS_MS = 1000;

export interface CommandDeps {
  readonly uid: string;
  readonly shells: ShellSet;
  readonly clock: Clock;
  /** Names this run of the command, and nothing else ever. */
  readonly marker: string;
}

/** A command on a shell, as far as it has got. */
interface Run {
  readonly deps: CommandDeps;
  readonly shell: ResidentShell;
  readonly cap: OutputCap;
  readonly replied: Promise<ShellReply>;
  readonly elapsed: () => number;
}

/**
 * Runs one command on a shell that was taken for it, and gives the shell back or retires it. Settles
 * within the command's timeout, 2 s of grace and a bounded time for killing, whatever the engine does.
 */
export const runCommand = async (
  deps: CommandDeps,
  shell: ResidentShell,
  command: CommandSpec,
  caller: { readonly sink: OutputSink; readonly signal: AbortSignal },
): Promise<E.Either<ExecError, CommandResult>> => {
  const { clock, shells } = deps;
  const start = clock.monotonic();
  const cap = capOutput(caller.sink, command.maxOutputBytes);
  const replied = hand(deps, shell, command, cap);
  const limits = { timeoutMs: command.timeoutMs, signal: caller.signal };
  const end = await waitForEnd(clock, replied, limits);
  const run: Run = { deps, shell, cap, replied, elapsed: () => clock.monotonic() - start };
  if (end === 'TimedOut' || end === 'Canceled') return stop(run, end);
  if (end.type === 'Lost') return cleanUpLost(run, end.message);
  cap.cutOff();
  if (isClean(end)) shells.giveBack(shell);
  else shells.retire(shell);
  return E.right(endedResult(end.exitCode, factsOf(run)));
};

const hand = (
  { shells, marker }: CommandDeps,
  shell: ResidentShell,
  command: CommandSpec,
  { sink }: OutputCap,
): Promise<ShellReply> => {
  const place = { directory: command.threadDirectory, marker };
  const request = { script: commandScript(command), place, sink };
  if (command.stdin === undefined) return shell.run(request);
  shells.willEnd(shell);
  return shell.become(request, command.stdin);
};

const factsOf = ({ cap, elapsed }: Run) => ({ via: 'shell' as const, cap, execMs: elapsed() });

/** Kills what the command started. The shell goes on only if it came back by itself, and clean. */
const stop = async (run: Run, cause: StopCause): Promise<E.Either<ExecError, CommandResult>> => {
  const { deps, shell, cap, replied } = run;
  // nobody reads any more: a reader that is gone must not keep the shell from coming back
  if (cause === 'Canceled') cap.cutOff();
  const target = { marker: deps.marker, shellPid: shell.pid };
  const outcome = await killCommand(deps.clock, signalOverShell(deps, target), {
    over: replied,
    insist: true,
  });
  const reply = outcome === 'Dead' ? await lastWords(run) : undefined;
  cap.cutOff();
  if (reply !== undefined && isClean(reply)) {
    deps.shells.giveBack(shell);
    return E.right(stoppedResult(cause, factsOf(run)));
  }
  deps.shells.retire(shell);
  if (outcome === 'Dead' && reply?.type !== 'Done') {
    return toResult(run, cause, await killForGood(run, true));
  }
  return toResult(run, cause, outcome);
};

/** What the shell says at last; a slow reader holds that up only for a moment. */
const lastWords = async ({ deps, cap, replied }: Run): Promise<ShellReply | undefined> => {
  const reply = await withDeadline(deps.clock, LAST_WORDS_MS, replied);
  if (reply !== TIMED_OUT) return reply;
  cap.cutOff();
  const late = await withDeadline(deps.clock, LAST_WORDS_MS, replied);
  return late === TIMED_OUT ? undefined : late;
};

/** The shell first, so that it starts nothing more; then, once again, what it may have started meanwhile. */
const killForGood = async ({ deps, shell }: Run, insist: boolean): Promise<KillOutcome> => {
  const options = { over: Promise.resolve(), insist };
  const outcome = await killCommand(deps.clock, endShell(deps, shell.pid), options);
  if (outcome !== 'Dead') return outcome;
  return killCommand(deps.clock, signalOverShell(deps, { marker: deps.marker }), options);
};

const toResult = (
  run: Run,
  cause: StopCause,
  outcome: KillOutcome,
): E.Either<ExecError, CommandResult> =>
  outcome === 'Dead'
    ? E.right(stoppedResult(cause, factsOf(run)))
    : E.left(notKilled(run.deps.uid, outcome));

/** The stream broke: nobody knows how the command did, and what is left of it must not run on unseen. */
const cleanUpLost = async (
  run: Run,
  message: string,
): Promise<E.Either<ExecError, CommandResult>> => {
  run.cap.cutOff();
  run.deps.shells.retire(run.shell);
  const outcome = await killForGood(run, false);
  // an engine that is away says nothing about the sandbox, and its return brings other news
  if (outcome === 'Dead' || outcome === 'Unseen') return E.left({ type: 'ShellLost', message });
  return E.left(notKilled(run.deps.uid, outcome));
};
