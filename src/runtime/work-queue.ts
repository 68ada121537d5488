import type { Clock, Timer } from '../ports/clock.js';
import { type BackoffSettings, backoffMs } from './backoff.js';

/**
 * Keys waiting to be worked on. A key is there once, however often it was added; it is never worked on
 * twice at the same time, and one that is added while it is worked on is worked on again.
 */
export interface WorkQueue {
  /** As soon as a worker is free. */
  readonly add: (key: string) => void;
  /** In `ms` milliseconds, unless it is due earlier already. */
  readonly addAfter: (key: string, ms: number) => void;
  /** Takes no more work; resolves when what runs now is over. */
  readonly stop: () => Promise<void>;
  /** Keys that wait for a worker now; delayed ones not counted. */
  readonly length: () => number;
}

/** What became of one run: `Done` may ask to come again in so many milliseconds; `Retry` waits longer each time. */
export type WorkResult =
  | { readonly type: 'Done'; readonly againInMs?: number }
  | { readonly type: 'Retry' };

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Keys worked on at the same time: 1 or more. */
  readonly workers: number;
  readonly backoff: BackoffSettings;
  /** Must not reject. */
  readonly work: (key: string) => Promise<WorkResult>;
}

interface Delayed {
  readonly at: number;
  readonly timer: Timer;
}

export const createWorkQueue = (options: WorkQueueOptions): WorkQueue => {
  const { clock, workers, backoff, work } = options;
  const queued = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const dirty = new Set<string>();
  const delayed = new Map<string, Delayed>();
  const failures = new Map<string, number>();
  let stopped = false;

  const forgetDelay = (key: string): void => {
    delayed.get(key)?.timer.cancel();
    delayed.delete(key);
  };

  const addAfter = (key: string, ms: number): void => {
    if (stopped) return;
    const at = clock.monotonic() + ms;
    const before = delayed.get(key);
    if (before !== undefined && before.at <= at) return;
    forgetDelay(key);
    delayed.set(key, { at, timer: clock.setTimer(ms, () => add(key)) });
  };

  const finish = (key: string, result: WorkResult): void => {
    running.delete(key);
    if (result.type === 'Retry') {
      const count = (failures.get(key) ?? 0) + 1;
      failures.set(key, count);
      addAfter(key, backoffMs(backoff, count));
    } else {
      failures.delete(key);
      if (result.againInMs !== undefined) addAfter(key, result.againInMs);
    }
    if (dirty.delete(key)) add(key);
    startWaiting();
  };

  const startWaiting = (): void => {
    for (const key of queued) {
      if (stopped || running.size >= workers) return;
      queued.delete(key);
      // what this run finds out says when to come again
      forgetDelay(key);
      // from a turn of its own: whoever adds a key is not held up by the work on it
      running.set(
        key,
        Promise.resolve()
          .then(() => work(key))
          .then((result) => finish(key, result)),
      );
    }
  };

  const add = (key: string): void => {
    if (stopped) return;
    forgetDelay(key);
    if (running.has(key)) {
      dirty.add(key);
      return;
    }
    queued.add(key);
    startWaiting();
  };

  return {
    add,
    addAfter,
    length: () => queued.size,
    stop: async () => {
      stopped = true;
      queued.clear();
      dirty.clear();
      for (const key of delayed.keys()) forgetDelay(key);
      await Promise.all(running.values());
    },
  };
};
