import type { Clock } from '../../src/ports/clock.js';

export interface ManualClock extends Clock {
  /** Moves time forward, firing timers in order and letting promises settle after each. */
  readonly advance: (ms: number) => Promise<void>;
  /** How many timers are set. */
  readonly timers: () => number;
}

/** Lets every promise that can settle do so, however long its chain. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) {
    // setImmediate runs once the microtask queue is empty
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
};

/** A clock that stands still until it is told to move. */
export const manualClock = (start = 1_700_000_000_000): ManualClock => {
  let now = start;
  let order = 0;
  const timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  const nextDue = (until: number): number | undefined => {
    let found: number | undefined;
    for (const [id, timer] of timers) {
      if (timer.at > until) continue;
      const best = found === undefined ? undefined : timers.get(found);
      if (best === undefined || timer.at < best.at) found = id;
    }
    return found;
  };
  return {
    now: () => now,
    monotonic: () => now - start,
    setTimer: (ms, run) => {
      order += 1;
      const id = order;
      timers.set(id, { at: now + Math.max(0, ms), run });
      return { cancel: () => void timers.delete(id) };
    },
    advance: async (ms) => {
      const until = now + ms;
      await settle();
      for (let id = nextDue(until); id !== undefined; id = nextDue(until)) {
        const timer = timers.get(id);
        timers.delete(id);
        if (timer === undefined) continue;
        now = Math.max(now, timer.at);
        timer.run();
        await settle();
      }
      now = until;
      await settle();
    },
    timers: () => timers.size,
  };
};
