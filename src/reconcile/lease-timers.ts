import type { Clock, Timer } from '../ports/clock.js';

/** Timers that can be cancelled all at once, so that none outlives its owner. */
export interface LeaseTimers {
  readonly after: (ms: number, run: () => void) => Timer;
  /** Cancels all, and sets no more. */
  readonly stop: () => void;
}

export const createLeaseTimers = (clock: Clock): LeaseTimers => {
  const set = new Set<Timer>();
  let stopped = false;
  return {
    after: (ms, run) => {
      if (stopped) return { cancel: () => undefined };
      const inner = clock.setTimer(ms, () => {
        set.delete(timer);
        run();
      });
      const timer: Timer = {
        cancel: () => {
          set.delete(timer);
          inner.cancel();
        },
      };
      set.add(timer);
      return timer;
    },
    stop: () => {
      stopped = true;
      for (const timer of set) timer.cancel();
    },
  };
};
