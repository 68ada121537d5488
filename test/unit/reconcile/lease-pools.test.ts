import { describe, expect, it } from '@jest/globals';
import { createLeasePools } from '../../../src/reconcile/lease-pools.js';
import { aPool, memoryPools } from '../../support/builders.js';
import { manualClock } from '../../support/manual-clock.js';

describe('what leases know of pools', () => {
  it('lets a pool drain that went before anybody asked for it', () => {
    const pool = aPool();
    const store = memoryPools(pool);
    const clock = manualClock();
    const pools = createLeasePools(store, clock);
    store.remove(pool.key);
    const { drainSeconds } = pool.pool.spec.recycle;
    expect(pools.drainedAt(pool.key)).toBe(clock.now() + drainSeconds * 1000);
    expect(pools.latest(pool.key)).toEqual(pool);
  });

  it('has nothing to drain of a pool that was never there', () => {
    const pools = createLeasePools(memoryPools(), manualClock());
    expect(pools.drainedAt(aPool().key)).toBe(0);
  });
});
