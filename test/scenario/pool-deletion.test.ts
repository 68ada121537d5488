import { describe, expect, it } from '@jest/globals';
import { aPool } from '../support/builders.js';
import { poolWorld } from '../support/pool-world.js';

describe('a pool that is to go', () => {
  it('goes with its manifest: idle sandboxes at once, leased ones when they are given back', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    await world.start();
    await world.clock.advance(2000);
    const [leased = ''] = world.ready();
    world.lease(leased);
    await world.clock.advance(2000);
    world.pools.remove(world.key);
    await world.clock.advance(2000);
    expect(world.backend.sandboxes().map(({ uid }) => uid)).toEqual([leased]);
    world.table.move(leased, 'Leased', 'Terminating', 'PoolDeleted');
    await world.clock.advance(2000);
    expect(world.backend.sandboxes()).toEqual([]);
    expect(world.table.pools()).toEqual([]);
    await world.stop();
  });

  it('does not keep what was being made when its manifest went', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    world.backend.setDelay('create', 5000);
    await world.start();
    await world.clock.advance(1000);
    world.pools.remove(world.key);
    await world.clock.advance(20_000);
    expect(world.backend.sandboxes()).toEqual([]);
    expect(world.table.pools()).toEqual([]);
    await world.stop();
  });

  it('removes everything of the installation on demand', async () => {
    const world = poolWorld([aPool({ replicas: 3 }), aPool({ name: 'other', replicas: 2 })]);
    await world.start();
    await world.clock.advance(2000);
    await world.stop();
    world.backend.fail('destroy', { type: 'BackendRefused', message: 'busy' }, 1);
    expect(await world.reconciler.removeEverything()).toEqual({ _tag: 'Right', right: 5 });
    expect(world.backend.sandboxes()).toEqual([]);
  });
});
