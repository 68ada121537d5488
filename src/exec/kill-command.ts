import type { Clock } from '../ports/clock.js';
import { withDeadline } from '../runtime/deadline.js';

/** TERM asks, KILL ends; `0` sends nothing and only looks. */
export type KillSignal = 'TERM' | 'KILL' | '0';

/**
 * Whether anything of the command was there to signal. Unknown: nobody could look. Gone: the whole
 * sandbox is.
 */
export type Sighting = 'Nothing' | 'Something' | 'Unknown' | 'Gone';

/** Sends the signal to everything that the command started. Settles within a bounded time, never rejects. */
export type SendSignal = (signal: KillSignal) => Promise<Sighting>;

/** Dead only when somebody looked and nothing was left; Unseen when in the end nobody could look. */
export type KillOutcome = 'Dead' | 'Alive' | 'Unseen' | 'Gone';

interface KillOptions {
  /** Resolves when the command itself has ended; what it left behind may live on. */
  readonly over: Promise<unknown>;
  /** Goes on trying while nobody can look. */
  readonly insist: boolean;
}

/** How long a command may take to end by itself once it was asked to. */
const GRACE_MS = 2000;
/** While it has its grace: how often to look whether it is over. */
const LOOK_MS = 250;
/** What KILL ends is gone within milliseconds, but a busy machine, or a bomb of forks, takes longer. */
const AFTER_KILL_MS: readonly number[] = [20, 50, 100, 250, 500, 1000, 1000, 0];
/** Where every try runs into a deadline of its own, there is an end all the same. */
const LONGEST_KILL_MS = 15_000;

/**
 * Ends a command and everything that it started: TERM, up to 2 s of grace, KILL. Takes at most about
 * 20 s, and less than half a second for most commands.
 */
export const killCommand = async (
  clock: Clock,
  send: SendSignal,
  { over, insist }: KillOptions,
): Promise<KillOutcome> => {
  const start = clock.monotonic();
  let seen = await send('TERM');
  if (seen === 'Something') seen = await endsByItself(clock, send, over);
  for (const ms of AFTER_KILL_MS) {
    if (seen === 'Nothing' || seen === 'Gone' || (seen === 'Unknown' && !insist)) break;
    seen = await send('KILL');
    if (seen === 'Nothing' || clock.monotonic() - start > LONGEST_KILL_MS) break;
    await pause(clock, ms);
  }
  return OUTCOMES[seen];
};

const OUTCOMES: Readonly<Record<Sighting, KillOutcome>> = {
  Nothing: 'Dead',
  Something: 'Alive',
  Unknown: 'Unseen',
  Gone: 'Gone',
};

/** Looks until nothing is left, for as long as the grace lasts. */
const endsByItself = async (
  clock: Clock,
  send: SendSignal,
  over: Promise<unknown>,
): Promise<Sighting> => {
  const deadline = clock.monotonic() + GRACE_MS;
  const left = (): number => deadline - clock.monotonic();
  // most commands end at once: the first look comes as soon as the command itself is over
  await withDeadline(clock, GRACE_MS, over);
  while (left() > 0) {
    const seen = await send('0');
    if (seen !== 'Something') return seen;
    await pause(clock, Math.min(LOOK_MS, left()));
  }
  return 'Something';
};

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer(ms, resolve);
  });
