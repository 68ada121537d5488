import { describe, expect, it } from '@jest/globals';
import { aPool } from '../support/builders.js';
import { poolWorld } from '../support/pool-world.js';

describe('a pool', () => {
  it('fills to its replicas and says so', async () => {
    const world = poolWorld([aPool({ replicas: 5 })]);
    world.backend.setDelay('create', 500);
    await world.start();
    await world.clock.advance(100);
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'TooFewReady' });
    await world.clock.advance(5000);
    expect(world.ready()).toHaveLength(5);
    expect(world.backend.sandboxes()).toHaveLength(5);
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'EnoughReady' });
    expect(world.condition('Degraded')?.status).toBe('False');
    await world.stop();
  });

  it('makes the first sandbox alone, the others four at a time', async () => {
    const world = poolWorld([aPool({ replicas: 9 })]);
    world.backend.setDelay('create', 1000);
    await world.start();
    await world.clock.advance(900);
    expect(world.backend.calls.create).toBe(1);
    await world.clock.advance(1000);
    expect(world.backend.calls.create).toBe(5);
    await world.clock.advance(1000);
    expect(world.backend.calls.create).toBe(9);
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(9);
    await world.stop();
  });

  it('does not let a large pool starve another one', async () => {
    const large = aPool({ name: 'large', replicas: 200, maxSandboxes: 200 });
    const small = aPool({ name: 'small', replicas: 3 });
    const world = poolWorld([large, small]);
    world.backend.setDelay('create', 1000);
    await world.start();
    await world.clock.advance(8000);
    expect(world.ready(small.key)).toHaveLength(3);
    expect(world.ready(large.key).length).toBeLessThan(40);
    await world.clock.advance(120_000);
    expect(world.ready(large.key)).toHaveLength(200);
    await world.stop();
  });

  it('does nothing once it is as wanted', async () => {
    const world = poolWorld([aPool({ replicas: 4 })]);
    await world.start();
    await world.clock.advance(5000);
    const { create, destroy } = world.backend.calls;
    const writes = world.pools.statusWrites();
    await world.clock.advance(600_000);
    expect(world.backend.calls).toMatchObject({ create, destroy });
    expect(world.pools.statusWrites()).toBe(writes);
    await world.stop();
  });

  it('replaces a sandbox that stopped by itself, and removes its remains', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    await world.start();
    await world.clock.advance(2000);
    const [victim = ''] = world.ready();
    world.backend.kill(victim, 'exited with status 137 (out of memory)');
    await world.clock.advance(1000);
    expect(world.ready()).toHaveLength(3);
    expect(world.backend.sandboxes().map(({ uid }) => uid)).not.toContain(victim);
    expect(world.recycled).toEqual(['Stopped']);
    expect(world.forgotten).toEqual([victim]);
    await world.stop();
  });

  it('replaces a sandbox that was removed behind its back', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    await world.start();
    await world.clock.advance(2000);
    const [victim = ''] = world.ready();
    world.backend.vanish(victim);
    await world.clock.advance(1000);
    expect(world.ready()).toHaveLength(3);
    expect(world.ready()).not.toContain(victim);
    expect(world.warming.forgotten).toContain(victim);
    await world.stop();
  });

  it('finds out within half a minute when every hint was lost', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    await world.start();
    await world.clock.advance(40_000);
    const [one = '', two = ''] = world.ready();
    world.backend.vanish(one, { silently: true });
    world.backend.kill(two, 'exited with status 1', { silently: true });
    await world.clock.advance(32_000);
    expect(world.ready()).toHaveLength(3);
    expect(world.backend.sandboxes()).toHaveLength(3);
    await world.stop();
  });

  it('grows and shrinks with its manifest, never touching a leased sandbox', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    await world.start();
    await world.clock.advance(2000);
    const [leased = ''] = world.ready();
    world.lease(leased);
    world.pools.put(aPool({ replicas: 6, generation: 2 }));
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(6);
    world.pools.put(aPool({ replicas: 1, generation: 3 }));
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(1);
    expect(world.table.get(leased)?.phase).toBe('Leased');
    expect(world.backend.sandboxes()).toHaveLength(2);
    expect(world.pools.getStatus(world.key)?.observedGeneration).toBe(3);
    await world.stop();
  });

  it('keeps its replicas warm beside leased ones, up to its ceiling', async () => {
    const world = poolWorld([aPool({ replicas: 2, maxSandboxes: 3 })]);
    await world.start();
    await world.clock.advance(2000);
    for (const uid of world.ready()) world.lease(uid);
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(1);
    expect(world.backend.sandboxes()).toHaveLength(3);
    expect(world.condition('Ready')).toMatchObject({ status: 'True', reason: 'AtCapacity' });
    expect(world.condition('Progressing')?.message).toContain('at most');
    await world.stop();
  });

  it('makes one more for each caller that waits', async () => {
    const world = poolWorld([aPool({ replicas: 1 })]);
    await world.start();
    await world.clock.advance(2000);
    world.queues.set('python', 3);
    world.reconciler.poke(world.key);
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(4);
    await world.stop();
  });

  it('frees the place of a leased sandbox that was removed', async () => {
    const world = poolWorld([aPool({ replicas: 1, maxSandboxes: 1 })]);
    await world.start();
    await world.clock.advance(2000);
    const [leased = ''] = world.ready();
    world.lease(leased);
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(0);
    world.backend.vanish(leased);
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(1);
    await world.stop();
  });

  it('replaces a sandbox that was given back', async () => {
    const world = poolWorld([aPool({ replicas: 1 })]);
    await world.start();
    await world.clock.advance(2000);
    const [first = ''] = world.ready();
    world.lease(first);
    world.table.move(first, 'Leased', 'Terminating', 'Released');
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(1);
    expect(world.backend.sandboxes().map(({ uid }) => uid)).not.toContain(first);
    await world.stop();
  });

  it('cleans a sandbox for reuse, and retires one that would not get clean', async () => {
    const world = poolWorld([aPool({ replicas: 2, recycle: { onRelease: 'Reuse' } })]);
    await world.start();
    await world.clock.advance(2000);
    const [good = '', bad = ''] = world.ready();
    world.warming.cleanProblem = (uid) => (uid === bad ? 'a process would not die' : undefined);
    for (const uid of [good, bad]) {
      world.lease(uid);
      world.table.move(uid, 'Leased', 'Resetting');
    }
    await world.clock.advance(2000);
    expect(world.ready()).toContain(good);
    expect(world.ready()).not.toContain(bad);
    expect(world.ready()).toHaveLength(2);
    expect(world.recycled).toContain('CleanFailed');
    await world.stop();
  });

  it('does not clean a sandbox that has had all its leases: it goes', async () => {
    const pool = aPool({ replicas: 1, recycle: { onRelease: 'Reuse', maxLeases: 2 } });
    const world = poolWorld([pool]);
    await world.start();
    await world.clock.advance(2000);
    const [used = ''] = world.ready();
    world.lease(used);
    world.table.setLeases(used, 2);
    world.table.move(used, 'Leased', 'Resetting');
    await world.clock.advance(2000);
    expect(world.warming.cleaned).toEqual([]);
    expect(world.recycled).toContain('MaxLeases');
    expect(world.ready()).toHaveLength(1);
    await world.stop();
  });

  it('tries again to remove what could not be removed', async () => {
    const world = poolWorld([aPool({ replicas: 2 })]);
    await world.start();
    await world.clock.advance(2000);
    world.backend.fail('destroy', { type: 'BackendRefused', message: 'device is busy' }, 3);
    world.pools.put(aPool({ replicas: 1, generation: 2 }));
    await world.clock.advance(30_000);
    expect(world.backend.sandboxes()).toHaveLength(1);
    expect(world.log.filter(({ level }) => level === 'warn')).toHaveLength(1);
    await world.stop();
  });

  it('tells what a creation is at', async () => {
    const world = poolWorld([aPool({ replicas: 1 })]);
    world.backend.setDelay('create', 1000);
    await world.start();
    await world.clock.advance(100);
    expect(world.reconciler.progress(world.key)).toMatch(/^creating python-/);
    expect(world.condition('Progressing')?.message).toMatch(/creating python-/);
    await world.clock.advance(2000);
    expect(world.reconciler.progress(world.key)).toBeUndefined();
    await world.stop();
  });
});
