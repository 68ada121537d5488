import type { Clock, Timer } from '../ports/clock.js';
import type { LeaseTimers } from './lease-timers.js';

/** Wakes up when some lease may have ended by time. */
export interface LeaseDeadlines {
  /** Something ends at `at` (milliseconds since 1970), or may. Later ones than the next known one cost nothing. */
  readonly expect: (at: number) => void;
}

/**
 * Ends close to each other are handled together, as each wake-up looks at all leases (10,000 of them
 * take about a millisecond). Whoever uses a lease checks its end to the millisecond anyway.
 */
const GATHER_MS = 100;
/** Timers do not notice when the machine sleeps or its clock is set; so often it is looked at anyway. */
const LONGEST_MS = 60_000;

/**
 * One timer for all leases. `sweep` ends what is over and says when the next one may be; activity only
 * moves ends further away, so that time is a lower bound, and the sweep then finds the true one.
 */
export const createLeaseDeadlines = (options: {
  readonly clock: Clock;
  readonly timers: LeaseTimers;
  readonly sweep: (now: number) => number | undefined;
}): LeaseDeadlines => {
  const { clock, timers, sweep } = options;
  let next: { readonly at: number; readonly timer: Timer } | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;

  const expect = (at: number): void => {
    const wake = Math.max(at, notBefore);
    if (next !== undefined && next.at <= wake) return;
    next?.timer.cancel();
    const ms = Math.min(LONGEST_MS, Math.max(0, wake - clock.now()));
    next = { at: wake, timer: timers.after(ms, look) };
  };

  const look = (): void => {
    next = undefined;
    const now = clock.now();
    notBefore = now + GATHER_MS;
    const at = sweep(now);
    if (at !== undefined) expect(at);
  };

  return { expect };
};
