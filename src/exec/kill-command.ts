import type { Clock } from '../ports/clock.js';
import { withDeadline } from '../runtime/deadline.js';

/** TERM asks, KILL ends; `0` sends nothing and only looks. */
export type KillSignal = 'TERM' | 'KILL' | '0';

/** Whether anything of the command was there to signal; Unknown when nobody could look. */
export type Sighting = 'Nothing' | 'Something' | 'Unknown';

/** Sends the signal to everything that the command started. Settles within a bounded time, never rejects. */
export type SendSignal = (signal: KillSignal) => Promise<Sighting>;

/** How long a command may take to end by itself once it was asked to. */
export const GRACE_MS = 2000;
/** While it has its grace: how often to look whether it is over. */
const LOOK_MS = 250;
/** What KILL ends is gone within milliseconds, but what forks quickly may slip through one round. */
const AFTER_KILL_MS: readonly number[] = [20, 50, 100, 250, 500, 1000];

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer(ms, resolve);
  });

/** True once nothing of it is left; false when the grace is over. */
const endsByItself = async (
  clock: Clock,
  send: SendSignal,
  over: Promise<unknown>,
): Promise<boolean> => {
  const deadline = clock.monotonic() + GRACE_MS;
  const left = (): number => deadline - clock.monotonic();
  // most commands end at once: the first look comes as soon as the command itself is over
  await withDeadline(clock, GRACE_MS, over);
  while (left() > 0) {
    if ((await send('0')) === 'Nothing') return true;
    await pause(clock, Math.min(LOOK_MS, left()));
  }
  return false;
};

/**
 * Ends a command and everything that it started: TERM, up to 2 s of grace, KILL. `over` resolves when
 * the command itself has ended; what it left behind may live on. True only when somebody looked and
 * nothing was left.
 */
export const killCommand = async (
  clock: Clock,
  send: SendSignal,
  over: Promise<unknown>,
): Promise<boolean> => {
  if ((await send('TERM')) === 'Nothing') return true;
  if (await endsByItself(clock, send, over)) return true;
  for (const ms of AFTER_KILL_MS) {
    if ((await send('KILL')) === 'Nothing') return true;
    await pause(clock, ms);
  }
  return (await send('KILL')) === 'Nothing';
};
