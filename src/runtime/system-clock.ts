import type { Clock } from '../ports/clock.js';

/** Node's timers hold at most 2^31 - 1 ms and fire at once beyond that: longer ones are set in steps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (ms, run) => {
    let handle: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(Math.max(left, 0), LONGEST_TIMER_MS);
      handle = setTimeout(() => (left > step ? arm(left - step) : run()), step);
    };
    arm(ms);
    return { cancel: () => clearTimeout(handle) };
  },
};
