import { posix } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import type { ExecSpec, SandboxBackend } from '../ports/sandbox-backend.js';
import type { CommandResult, CommandSpec, ExecError, OutputSink } from './command.js';
import { MARKER_VARIABLE } from './command-marker.js';
import { endedResult } from './command-result.js';
import { runEngineCommand } from './engine-command.js';
import { capOutput } from './output-cap.js';
import { quoteWord } from './quote.js';
import { runScript } from './run-script.js';
import type { ShellSet } from './shell-set.js';
import { signalOverEngine } from './signal-over-engine.js';
import { wholeScript } from './wrap-command.js';

/** As shells have it for a command that is not there. */
const NOT_FOUND = 127;

interface Deps {
  readonly uid: string;
  readonly backend: Pick<SandboxBackend, 'openExec'>;
  readonly shells: ShellSet;
  readonly clock: Clock;
  /** Names this run of the command, and nothing else ever. */
  readonly marker: string;
}

interface Caller {
  readonly sink: OutputSink;
  readonly signal: AbortSignal;
}

type Ran = Promise<E.Either<ExecError, CommandResult>>;

/** Runs what a resident shell cannot: a command as another user, or one in an image without `sh`. */
export const runByEngine = async (deps: Deps, command: CommandSpec, caller: Caller): Ran => {
  if (deps.shells.hasNoShell()) return runBare(deps, command, caller);
  const shared = await shareDirectory(deps, command, caller.signal);
  if (shared === 'NoShell') return runBare(deps, command, caller);
  const place = { directory: command.threadDirectory, marker: deps.marker };
  const spec: ExecSpec = {
    argv: ['sh', '-c', wholeScript(command, place)],
    env: { [MARKER_VARIABLE]: deps.marker },
    stdin: command.stdin !== undefined,
    ...(command.user !== undefined && { user: command.user }),
  };
  const send = signalOverEngine(deps, { marker: deps.marker, user: command.user ?? '' });
  return runEngineCommand({ ...deps, send }, spec, command, caller);
};

/** The thread's directory belongs to the sandbox's own user; here its thread asks to use it as another. */
const shareDirectory = async (
  { shells, clock }: Deps,
  { threadDirectory }: CommandSpec,
  signal: AbortSignal,
): Promise<'NoShell' | undefined> => {
  const word = quoteWord(threadDirectory);
  const script = { text: `mkdir -p ${word} && chmod a+rwx ${word}`, direct: false };
  const ran = await runScript({ shells, clock }, script, { signal });
  // whatever else went wrong, the command itself will meet, and say better
  return E.isLeft(ran) && ran.left.type === 'NoShell' ? 'NoShell' : undefined;
};

/**
 * Without a shell nothing can make the thread's directory, and nothing can kill by marker: the command
 * runs in the sandbox's own directory, and one that must be killed costs the sandbox.
 */
const runBare = async (deps: Deps, command: CommandSpec, caller: Caller): Ran => {
  if (typeof command.command === 'string') return refuseText(command, caller);
  const { cwd, env, user, threadDirectory } = command;
  const spec: ExecSpec = {
    argv: command.command,
    env: { ...env, [MARKER_VARIABLE]: deps.marker },
    stdin: command.stdin !== undefined,
    ...(cwd !== undefined && { cwd: posix.resolve(threadDirectory, cwd) }),
    ...(user !== undefined && { user }),
  };
  return runEngineCommand(
    { ...deps, send: () => Promise.resolve('Unknown') },
    spec,
    command,
    caller,
  );
};

const refuseText = async (command: CommandSpec, { sink }: Caller): Ran => {
  const cap = capOutput(sink, command.maxOutputBytes);
  const words = 'warmpool: the image has no usable sh; give the command as an argument vector\n';
  await cap.sink('stderr', Buffer.from(words));
  return E.right(endedResult(NOT_FOUND, { via: 'engine', cap, execMs: 0 }));
};
