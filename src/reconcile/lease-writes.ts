import * as E from 'fp-ts/lib/Either.js';
import type { LeaseStore } from '../ports/lease-store.js';
import type { Logger } from '../ports/logger.js';
import type { LeaseBook } from './lease-book.js';
import type { LeaseEntry } from './lease-entry.js';
import type { LeaseTimers } from './lease-timers.js';
import type { LeaseTurns } from './lease-turns.js';

/** Changes that nobody waits for: gathered, and written together. */
export interface LeaseWrites {
  /** The lease's `lastActiveAt` moved. */
  readonly touched: (entry: LeaseEntry) => void;
  /** The sandbox does not exist any more. */
  readonly sandboxGone: (uid: string) => void;
  /** Writes what has gathered. What the store refuses stays, to be tried again. */
  readonly flush: () => Promise<void>;
}

/** A crash loses at most so much of a lease's activity: little beside any idle timeout worth setting. */
const EVERY_MS = 5000;

export const createLeaseWrites = (deps: {
  readonly store: LeaseStore;
  readonly book: LeaseBook;
  readonly turns: LeaseTurns;
  readonly timers: LeaseTimers;
  readonly logger: Logger;
}): LeaseWrites => {
  const { store, book, turns, timers, logger } = deps;
  const touched = new Set<LeaseEntry>();
  const gone = new Set<string>();
  let scheduled = false;
  let failing = false;

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    timers.after(EVERY_MS, () => {
      scheduled = false;
      void flush();
    });
  };

  /** A lease with a change of its own under way waits: this write must not bring back what that one replaces. */
  const takeTouched = (): readonly LeaseEntry[] => {
    const live = [...touched].filter((entry) => book.has(entry) && entry.ending === undefined);
    touched.clear();
    const ready = live.filter(({ key }) => !turns.busy(key));
    for (const entry of live) if (turns.busy(entry.key)) touched.add(entry);
    return ready;
  };

  const flush = async (): Promise<void> => {
    const leases = takeTouched();
    const sandboxes = [...gone];
    gone.clear();
    if (touched.size > 0) schedule();
    if (leases.length === 0 && sandboxes.length === 0) return;
    const written = await store.commit({
      putLeases: leases.map(({ record }) => record),
      deleteSandboxes: sandboxes,
    })();
    if (E.isRight(written)) {
      failing = false;
      return;
    }
    if (!failing)
      logger.warn(
        { error: written.left.message },
        'lease activity could not be saved; trying again',
      );
    failing = true;
    for (const entry of leases) touched.add(entry);
    for (const uid of sandboxes) gone.add(uid);
    schedule();
  };

  return {
    touched: (entry) => {
      touched.add(entry);
      schedule();
    },
    sandboxGone: (uid) => {
      gone.add(uid);
      schedule();
    },
    flush,
  };
};
