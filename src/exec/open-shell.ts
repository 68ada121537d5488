import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { ExecEnd, ExecOpenError, ExecStream } from '../ports/sandbox-backend.js';
import { createResidentShell } from './resident-shell.js';
import type { ResidentShell } from './shell.js';
import { SHELL_LOOP, SPOILED_STATUS } from './shell-loop.js';
import { MAX_GREETING_BYTES, parseGreeting } from './shell-protocol.js';

/** The image has no `sh`, or none that runs our loop: the same every time. */
export interface NoShell {
  readonly type: 'NoShell';
  readonly message: string;
}

/** No shell now, for a reason that has nothing to do with the image. */
export interface ShellUnavailable {
  readonly type: 'ShellUnavailable';
  readonly message: string;
  /** The backend did its part: it is the sandbox in which no shell can live now. */
  readonly fault?: 'Sandbox';
  /** What the backend said, if it would not open the exec. */
  readonly cause?: ExecOpenError;
}

export type OpenShellError = NoShell | ShellUnavailable;

export interface OpenShellDeps {
  /** Starts `SHELL_ARGV` in the sandbox, with stdin. */
  readonly open: TaskEither<ExecOpenError, ExecStream>;
  readonly random: Pick<Random, 'token'>;
  readonly clock: Pick<Clock, 'setTimer'>;
}

/** Loading a shell takes milliseconds; a machine that needs longer than this is in no state to run commands. */
const GREETING_DEADLINE_MS = 10_000;

/** From here on an exit status tells of a signal: somebody killed the shell. */
const FIRST_SIGNAL_STATUS = 128;

const noShell = (message: string): OpenShellError => ({ type: 'NoShell', message });
const unavailable = (message: string, cause?: ExecOpenError): ShellUnavailable => ({
  type: 'ShellUnavailable',
  message,
  ...(cause === undefined ? {} : { cause }),
});

/** As engines have it for a program that would not start. */
const NOT_STARTED_STATUS = 126;
/** Why a program would not start that will never start: the rest is about the sandbox's state now, as a limit that is used up. */
const NEVER_STARTS = /not found|no such file|permission denied|exec format|not a directory/iu;

const isOfTheImage = (exitCode: number, said: string): boolean => {
  if (exitCode === SPOILED_STATUS || exitCode >= FIRST_SIGNAL_STATUS) return false;
  return exitCode !== NOT_STARTED_STATUS || NEVER_STARTS.test(said);
};

const endedEarly = (end: ExecEnd, said: string): OpenShellError => {
  if (end.type === 'Lost') return unavailable(`the shell did not start: ${end.message}`);
  const message = `sh ended with status ${end.exitCode}${said === '' ? '' : `: ${said}`}`;
  if (isOfTheImage(end.exitCode, said)) return noShell(message);
  return { ...unavailable(message), fault: 'Sandbox' };
};

/** The first line that the shell prints, then nothing more is listened to. */
const readGreeting = (
  stream: ExecStream,
  clock: OpenShellDeps['clock'],
): Promise<E.Either<OpenShellError, number>> =>
  new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    let complaint = Buffer.alloc(0);
    const settle = (result: E.Either<OpenShellError, number>): void => {
      timer.cancel();
      stream.stdout.off('data', hear);
      stream.stderr.off('data', hearComplaint);
      resolve(result);
    };
    const hear = (chunk: Buffer): void => {
      heard = Buffer.concat([heard, chunk]);
      const end = heard.indexOf('\n');
      if (end < 0 && heard.length < MAX_GREETING_BYTES) return;
      const line = heard.toString('utf8', 0, Math.min(end < 0 ? heard.length : end, 200));
      const pid = end === heard.length - 1 ? parseGreeting(line) : undefined;
      // an engine that cannot start sh says so on the stream, and then ends it
      if (pid !== undefined) settle(E.right(pid));
      else if (heard.length >= MAX_GREETING_BYTES) settle(E.left(noShell(`sh said: ${line}`)));
    };
    const hearComplaint = (chunk: Buffer): void => {
      if (complaint.length < MAX_GREETING_BYTES) complaint = Buffer.concat([complaint, chunk]);
    };
    const timer = clock.setTimer(GREETING_DEADLINE_MS, () => {
      const seconds = GREETING_DEADLINE_MS / 1000;
      settle(E.left(unavailable(`the shell said nothing of use within ${seconds} s`)));
    });
    stream.stdout.on('data', hear);
    stream.stderr.on('data', hearComplaint);
    void stream.ended.then((end) => {
      const said = Buffer.concat([heard, complaint]).toString('utf8').trim();
      settle(E.left(endedEarly(end, said.slice(0, MAX_GREETING_BYTES))));
    });
  });

/**
 * Makes a resident shell of an exec that runs `SHELL_ARGV`: sends the loop and waits up to 10 s for it
 * to answer. The stream is closed if that fails.
 */
export const openShell =
  (deps: OpenShellDeps): TaskEither<OpenShellError, ResidentShell> =>
  async () => {
    const opened = await deps.open();
    if (E.isLeft(opened)) return E.left(unavailable(opened.left.message, opened.left));
    const stream = opened.right;
    // a shell that is gone breaks the pipe; `ended` tells that better
    stream.stdin.on('error', () => undefined);
    const greeting = readGreeting(stream, deps.clock);
    stream.stdin.write(`${SHELL_LOOP}\n`);
    const pid = await greeting;
    if (E.isRight(pid)) return E.right(createResidentShell(stream, pid.right, deps.random));
    stream.close();
    return pid;
  };
