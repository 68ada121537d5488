import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import type { Clock } from '../ports/clock.js';
import type { PoolStore, StoredPool } from '../ports/pool-store.js';

/** What leases need to know of pools, also of those whose manifest is gone while leases are left. */
export interface LeasePools {
  /** The pool as it is; undefined once its manifest is gone. */
  readonly current: (pool: PoolKey) => StoredPool | undefined;
  /** The pool as it is or last was. */
  readonly latest: (pool: PoolKey) => StoredPool | undefined;
  /**
   * Milliseconds since 1970 when leases of a pool that went must end: its drain time after that was first
   * noticed; 0 for a pool that was never there. Undefined while the pool is there.
   */
  readonly drainedAt: (pool: PoolKey) => number | undefined;
  /** Nothing is left of the pool. */
  readonly forget: (pool: PoolKey) => void;
}

export const createLeasePools = (store: PoolStore, clock: Clock): LeasePools => {
  // from the start: a pool may go before anybody asks for it, while the engine is waited for
  const seen = new Map(store.list().map((stored) => [poolKeyText(stored.key), stored]));
  const drains = new Map<string, number>();

  const current = (pool: PoolKey): StoredPool | undefined => {
    const stored = store.get(pool);
    if (stored !== undefined) seen.set(poolKeyText(pool), stored);
    return stored;
  };

  return {
    current,
    latest: (pool) => current(pool) ?? seen.get(poolKeyText(pool)),
    drainedAt: (pool) => {
      const text = poolKeyText(pool);
      if (current(pool) !== undefined) {
        drains.delete(text);
        return undefined;
      }
      const drainSeconds = seen.get(text)?.pool.spec.recycle.drainSeconds;
      if (drainSeconds === undefined) return 0;
      const at = drains.get(text) ?? clock.now() + drainSeconds * 1000;
      drains.set(text, at);
      return at;
    },
    forget: (pool) => {
      if (store.get(pool) !== undefined) return;
      seen.delete(poolKeyText(pool));
      drains.delete(poolKeyText(pool));
    },
  };
};
