import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import { TIMED_OUT, withDeadline } from '../runtime/deadline.js';
import type { ShellLost } from './command.js';
import { capOutput } from './output-cap.js';
import type { ShellReply } from './shell.js';
import type { ShellSet } from './shell-set.js';
import type { TakeError, TakeOptions } from './waiting-line.js';

/** Our own scripts print a few lines; only a sandbox that plays tricks makes them print more. */
const MOST_BYTES = 1_048_576;
/** Our own scripts take milliseconds; in a sandbox that is full to the brim, some seconds. */
const SCRIPT_MS = 5000;

export interface ScriptReply {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OwnScript {
  readonly text: string;
  /** Runs in the shell itself: works when no process can be made, and leaves no trace in /proc. No stderr then. */
  readonly direct: boolean;
}

export interface ScriptDeps {
  readonly shells: ShellSet;
  readonly clock: Clock;
}

const lost = (message: string): E.Either<ShellLost, never> =>
  E.left({ type: 'ShellLost', message });

/** Runs a script of our own on a shell that is taken for it; a shell that does not answer in 5 s is given up. */
export const runScript = async (
  { shells, clock }: ScriptDeps,
  script: OwnScript,
  options: TakeOptions,
): Promise<E.Either<TakeError | ShellLost, ScriptReply>> => {
  const taken = await shells.take(options);
  if (E.isLeft(taken)) return taken;
  const shell = taken.right;
  const printed: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const cap = capOutput(
    (output, bytes) => void printed[output].push(Buffer.from(bytes)),
    MOST_BYTES,
  );
  const request = { script: script.text, direct: script.direct, sink: cap.sink };
  const reply = await withDeadline(clock, SCRIPT_MS, shell.run(request));
  if (reply === TIMED_OUT || !isClean(reply)) shells.retire(shell);
  else shells.giveBack(shell);
  if (reply === TIMED_OUT) return lost(`the shell did not answer within ${SCRIPT_MS / 1000} s`);
  if (reply.type === 'Lost') return lost(reply.message);
  const text = (output: 'stdout' | 'stderr'): string => Buffer.concat(printed[output]).toString();
  return E.right({ exitCode: reply.exitCode, stdout: text('stdout'), stderr: text('stderr') });
};

/** Whether the shell that gave this reply is fit for the next command. */
export const isClean = (reply: ShellReply): boolean => reply.type === 'Done' && !reply.dirty;
