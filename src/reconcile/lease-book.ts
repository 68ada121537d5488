import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import type { LeaseEntry } from './lease-entry.js';

/** All leases in memory: one per thread, one per sandbox. */
export interface LeaseBook {
  readonly get: (key: string) => LeaseEntry | undefined;
  readonly ofSandbox: (uid: string) => LeaseEntry | undefined;
  readonly ofPool: (pool: PoolKey) => readonly LeaseEntry[];
  readonly all: () => IterableIterator<LeaseEntry>;
  readonly add: (entry: LeaseEntry) => void;
  readonly remove: (entry: LeaseEntry) => void;
  /** Whether this very entry is in the book, not a later one of the same thread. */
  readonly has: (entry: LeaseEntry) => boolean;
  /** Sandboxes of all leases; follows changes. */
  readonly uids: ReadonlySet<string>;
}

export const createLeaseBook = (): LeaseBook => {
  const byKey = new Map<string, LeaseEntry>();
  const byUid = new Map<string, LeaseEntry>();
  const byPool = new Map<string, Set<LeaseEntry>>();
  const uids = new Set<string>();
  return {
    get: (key) => byKey.get(key),
    ofSandbox: (uid) => byUid.get(uid),
    ofPool: (pool) => [...(byPool.get(poolKeyText(pool)) ?? [])],
    all: () => byKey.values(),
    has: (entry) => byKey.get(entry.key) === entry,
    uids,
    add: (entry) => {
      const { pool, sandbox } = entry.record;
      const ofPool = byPool.get(poolKeyText(pool)) ?? new Set<LeaseEntry>();
      byPool.set(poolKeyText(pool), ofPool.add(entry));
      byKey.set(entry.key, entry);
      byUid.set(sandbox.uid, entry);
      uids.add(sandbox.uid);
    },
    remove: (entry) => {
      const { pool, sandbox } = entry.record;
      const ofPool = byPool.get(poolKeyText(pool));
      ofPool?.delete(entry);
      if (ofPool?.size === 0) byPool.delete(poolKeyText(pool));
      byKey.delete(entry.key);
      byUid.delete(sandbox.uid);
      uids.delete(sandbox.uid);
    },
  };
};
