import { describe, expect, it } from '@jest/globals';
import type { StoredPool } from '../../src/ports/pool-store.js';
import { aPool } from '../support/builders.js';
import { type PoolWorld, poolWorld } from '../support/pool-world.js';

/** A first life with all sandboxes ready, ended without a clean-up. */
const firstLife = async (pool: StoredPool): Promise<PoolWorld> => {
  const world = poolWorld([pool]);
  await world.start();
  await world.clock.advance(5000);
  await world.stop();
  return world;
};

const nextLife = (before: PoolWorld, pools: readonly StoredPool[]): PoolWorld =>
  poolWorld(pools, { backend: before.backend, clock: before.clock });

describe('after a restart', () => {
  it('takes over every sandbox and makes no new one', async () => {
    const before = await firstLife(aPool({ replicas: 4 }));
    const uids = [...before.ready()].toSorted();
    const world = nextLife(before, [aPool({ replicas: 4 })]);
    await world.start();
    await world.clock.advance(5000);
    expect([...world.ready()].toSorted()).toEqual(uids);
    expect(world.backend.calls.create).toBe(4);
    expect([...world.warming.warmed].toSorted()).toEqual(uids);
    await world.stop();
  });

  it('leaves leased sandboxes leased, and opens their shells', async () => {
    const before = await firstLife(aPool({ replicas: 2 }));
    const [leased = ''] = before.ready();
    const world = nextLife(before, [aPool({ replicas: 2 })]);
    world.recorded.set(leased, 3);
    await world.start([leased]);
    await world.clock.advance(5000);
    expect(world.table.get(leased)).toMatchObject({ phase: 'Leased', leases: 3 });
    expect(world.warming.warmed).toContain(leased);
    expect(world.ready()).toHaveLength(2);
    await world.stop();
  });

  it('replaces a used sandbox whose lease is over', async () => {
    const before = await firstLife(aPool({ replicas: 2 }));
    const [used = ''] = before.ready();
    const world = nextLife(before, [aPool({ replicas: 2 })]);
    world.recorded.set(used, 1);
    await world.start();
    await world.clock.advance(5000);
    expect(world.table.get(used)).toBeUndefined();
    expect(world.recycled).toEqual(['Released']);
    expect(world.ready()).toHaveLength(2);
    await world.stop();
  });

  it('cleans a used sandbox where sandboxes are reused', async () => {
    const pool = aPool({ replicas: 2, recycle: { onRelease: 'Reuse' } });
    const before = await firstLife(pool);
    const [used = ''] = before.ready();
    const world = nextLife(before, [pool]);
    world.recorded.set(used, 1);
    await world.start();
    await world.clock.advance(5000);
    expect(world.warming.cleaned).toEqual([used]);
    expect(world.ready()).toContain(used);
    await world.stop();
  });

  it('removes the sandboxes of pools that have no manifest any more, leased or not', async () => {
    const before = await firstLife(aPool({ replicas: 2 }));
    const [leased = ''] = before.ready();
    const world = nextLife(before, []);
    await world.start([leased]);
    await world.clock.advance(5000);
    expect(world.backend.sandboxes()).toEqual([]);
    expect(world.recycled).toEqual(['PoolDeleted', 'PoolDeleted']);
    await world.stop();
  });

  it('removes what stopped meanwhile, and replaces it', async () => {
    const before = await firstLife(aPool({ replicas: 2 }));
    const [stopped = ''] = before.ready();
    before.backend.kill(stopped);
    const world = nextLife(before, [aPool({ replicas: 2 })]);
    await world.start([stopped]);
    await world.clock.advance(5000);
    expect(world.ready()).toHaveLength(2);
    expect(world.backend.sandboxes().map(({ uid }) => uid)).not.toContain(stopped);
    await world.stop();
  });

  it('rolls over when the template changed meanwhile', async () => {
    const before = await firstLife(aPool({ replicas: 3 }));
    const old = [...before.ready()];
    const world = nextLife(before, [aPool({ replicas: 3, image: 'new' })]);
    await world.start();
    await world.clock.advance(10_000);
    expect(world.ready()).toHaveLength(3);
    expect(world.ready().filter((uid) => old.includes(uid))).toEqual([]);
    await world.stop();
  });

  it('finishes what was being made when the operator died', async () => {
    const pool = aPool({ replicas: 1 });
    const before = poolWorld([pool]);
    before.warming.warmProblem = () => new Promise(() => undefined);
    await before.start();
    await before.clock.advance(1000);
    await before.stop();
    expect(before.backend.sandboxes()).toHaveLength(1);
    const world = nextLife(before, [pool]);
    await world.start();
    await world.clock.advance(1000);
    expect(world.ready()).toHaveLength(1);
    expect(world.backend.calls.create).toBe(1);
    await world.stop();
  });
});
