import type { CommandResult } from './command.js';
import type { OutputCap } from './output-cap.js';
import { signalName } from './signal-name.js';
import type { StopCause } from './wait-for-end.js';

/** As `timeout` and a shell after Ctrl-C have it. */
const STOPPED_CODES: Readonly<Record<StopCause, number>> = { TimedOut: 124, Canceled: 130 };

interface Facts {
  readonly via: CommandResult['via'];
  readonly cap: Pick<OutputCap, 'truncated'>;
  readonly execMs: number;
}

/** A command that ended by itself. */
export const endedResult = (exitCode: number, { via, cap, execMs }: Facts): CommandResult => {
  const signal = signalName(exitCode);
  return {
    exitCode,
    ...(signal !== undefined && { signal }),
    timedOut: false,
    canceled: false,
    truncated: cap.truncated(),
    execMs,
    via,
  };
};

/** A command that was killed, with everything that it started. */
export const stoppedResult = (cause: StopCause, { via, cap, execMs }: Facts): CommandResult => ({
  exitCode: STOPPED_CODES[cause],
  timedOut: cause === 'TimedOut',
  canceled: cause === 'Canceled',
  truncated: cap.truncated(),
  execMs,
  via,
});
