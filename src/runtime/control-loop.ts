import type { Clock, Timer } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { createWorkQueue } from './work-queue.js';

/** Runs passes over keys: after every poke, when a pass asks to come again, and for every key now and then. */
export interface ControlLoop<Key> {
  /** Something about this key may have changed. Pokes in quick succession make one pass. */
  readonly poke: (key: Key) => void;
  readonly pokeAll: () => void;
  /** Works until `signal` aborts; resolves when the passes under way are over. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface ControlLoopOptions<Key> {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Passes at the same time, never two over one key. */
  readonly workers: number;
  /** Every key gets a pass at least this often, should an event have been lost. */
  readonly resyncMs: number;
  /** A poke waits so long for others to join it; it also lets whoever poked finish first. */
  readonly gatherMs: number;
  readonly keys: () => readonly Key[];
  readonly textOf: (key: Key) => string;
  /** One pass. The answer says in how many milliseconds it wants to come again. A throw is a defect. */
  readonly reconcile: (key: Key) => Promise<number | undefined>;
}

/** After a defect: soon at first, as it may have been a passing state; then seldom, as it most likely stays. */
const DEFECT_BACKOFF = { firstMs: 1000, longestMs: 60_000 };

/** The one place where defects (throws) of passes are caught: they are logged, and the key is tried again. */
export const createControlLoop = <Key>(options: ControlLoopOptions<Key>): ControlLoop<Key> => {
  const { clock, logger, textOf } = options;
  const known = new Map<string, Key>();
  let started = false;

  const pass = async (text: string): Promise<number | undefined> => {
    const key = known.get(text);
    return key === undefined ? undefined : options.reconcile(key);
  };
  const queue = createWorkQueue({
    clock,
    workers: options.workers,
    backoff: DEFECT_BACKOFF,
    work: async (text) => {
      try {
        const againInMs = await pass(text);
        return { type: 'Done', ...(againInMs === undefined ? {} : { againInMs }) };
      } catch (error) {
        logger.error({ key: text, error }, 'a pass failed: this is a defect');
        return { type: 'Retry' };
      }
    },
  });

  const poke = (key: Key): void => {
    const text = textOf(key);
    known.set(text, key);
    if (started) queue.addAfter(text, options.gatherMs);
  };
  const pokeAll = (): void => {
    for (const key of options.keys()) poke(key);
  };

  return {
    poke,
    pokeAll,
    run: async (signal) => {
      if (signal.aborted) return;
      started = true;
      let resync: Timer | undefined;
      const tick = (): void => {
        pokeAll();
        resync = clock.setTimer(options.resyncMs, tick);
      };
      tick();
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      resync?.cancel();
      await queue.stop();
    },
  };
};
