import { threadKey } from '../core/lease/identity.js';
import { touchLease } from '../core/lease/transition.js';
import type { LeaseIdentity } from '../ports/lease-store.js';
import type { LeaseContext } from './lease-context.js';
import type { LeaseEntry } from './lease-entry.js';
import type { Activity, LeaseEndReason } from './leases.js';

/** Commands under way on leases. */
export interface LeaseActivities {
  readonly begin: (lease: LeaseIdentity, epoch: number) => Activity | undefined;
  /** Cancels the lease's commands and waits for them for a while. False if some did not end in time. */
  readonly cancel: (entry: LeaseEntry, reason: LeaseEndReason) => Promise<boolean>;
  /** Resolves when no command runs any more, or after `ms` milliseconds. */
  readonly waitForAll: (ms: number) => Promise<void>;
}

/** Commands that are killed end within a second or two; what takes longer is not waited for. */
const CANCEL_MS = 10_000;

export const createLeaseActivities = (
  context: LeaseContext,
  /** Ends the lease if it is over; true if it is. */
  check: (entry: LeaseEntry) => boolean,
): LeaseActivities => {
  const { book, clock, writes } = context;
  /** Commands whose lease is gone already count, too. */
  const running = new Set<AbortController>();
  const listeners = new Set<() => void>();

  const until = (quiet: () => boolean, ms: number): Promise<boolean> => {
    if (quiet()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (result: boolean): void => {
        listeners.delete(look);
        timer.cancel();
        resolve(result);
      };
      const look = (): void => {
        if (quiet()) finish(true);
      };
      const timer = clock.setTimer(ms, () => finish(false));
      listeners.add(look);
    });
  };

  const end = (entry: LeaseEntry, command: AbortController): void => {
    if (!running.delete(command)) return;
    entry.commands.delete(command);
    entry.record = touchLease(entry.record, clock.now());
    if (book.has(entry) && entry.ending === undefined) {
      writes.touched(entry);
      if (entry.commands.size === 0) check(entry);
    }
    for (const listener of listeners) listener();
  };

  return {
    begin: (lease, epoch) => {
      const entry = book.get(threadKey(lease));
      if (entry === undefined || entry.ending !== undefined) return undefined;
      if (entry.record.epoch !== epoch || check(entry)) return undefined;
      const command = new AbortController();
      entry.commands.add(command);
      running.add(command);
      return { signal: command.signal, end: () => end(entry, command) };
    },
    cancel: (entry, reason) => {
      for (const command of entry.commands) command.abort(reason);
      return until(() => entry.commands.size === 0, CANCEL_MS);
    },
    waitForAll: async (ms) => {
      await until(() => running.size === 0, ms);
    },
  };
};
