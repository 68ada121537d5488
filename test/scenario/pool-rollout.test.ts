import { describe, expect, it } from '@jest/globals';
import { templateHash } from '../../src/core/pool/template-hash.js';
import { aPool, aTemplate } from '../support/builders.js';
import { type PoolWorld, poolWorld } from '../support/pool-world.js';

const HOUR = 3_600_000;
const newHash = templateHash(aTemplate('python:4'));

const settled = async (world: PoolWorld): Promise<void> => {
  await world.start();
  await world.clock.advance(10_000);
};

/** Lets time pass in small steps; the fewest Ready sandboxes seen, and the most of any phase. */
const watchFor = async (world: PoolWorld, ms: number) => {
  let fewestReady = Number.POSITIVE_INFINITY;
  let most = 0;
  for (let passed = 0; passed < ms; passed += 100) {
    await world.clock.advance(100);
    fewestReady = Math.min(fewestReady, world.ready().length);
    most = Math.max(most, world.backend.sandboxes().length);
  }
  return { fewestReady, most };
};

const hashes = (world: PoolWorld): readonly string[] => [
  ...new Set(world.backend.sandboxes().map(({ templateHash: hash }) => hash)),
];

describe('a rollout', () => {
  it('makes replacements ready before it takes the old ones, where there is room', async () => {
    const world = poolWorld([aPool({ replicas: 4 })]);
    await settled(world);
    world.backend.setDelay('create', 500);
    world.backend.setDelay('destroy', 300);
    world.pools.put(aPool({ replicas: 4, image: 'python:4', generation: 2 }));
    const { fewestReady } = await watchFor(world, 10_000);
    expect(fewestReady).toBe(4);
    expect(hashes(world)).toEqual([newHash]);
    expect(world.pools.getStatus(world.key)).toMatchObject({ replicas: 4, updatedReplicas: 4 });
    expect(world.condition('Progressing')).toMatchObject({ status: 'False', reason: 'Stable' });
    await world.stop();
  });

  it('never drops below what maxUnavailable allows, where the ceiling leaves no room', async () => {
    const choices = { replicas: 4, maxSandboxes: 4, updateStrategy: { maxUnavailable: 1 } };
    const world = poolWorld([aPool(choices)]);
    await settled(world);
    world.backend.setDelay('create', 500);
    world.backend.setDelay('destroy', 300);
    world.pools.put(aPool({ ...choices, image: 'python:4', generation: 2 }));
    const { fewestReady, most } = await watchFor(world, 15_000);
    expect(fewestReady).toBe(3);
    expect(most).toBe(4);
    expect(hashes(world)).toEqual([newHash]);
    await world.stop();
  });

  it('moves on even for a single sandbox without room', async () => {
    const world = poolWorld([aPool({ replicas: 1, maxSandboxes: 1 })]);
    await settled(world);
    world.pools.put(aPool({ replicas: 1, maxSandboxes: 1, image: 'python:4', generation: 2 }));
    await world.clock.advance(5000);
    expect(hashes(world)).toEqual([newHash]);
    expect(world.ready()).toHaveLength(1);
    await world.stop();
  });

  it('leaves leased sandboxes to their threads; they are replaced when given back', async () => {
    const world = poolWorld([aPool({ replicas: 2 })]);
    await settled(world);
    const [leased = ''] = world.ready();
    world.lease(leased);
    world.pools.put(aPool({ replicas: 2, image: 'python:4', generation: 2 }));
    await world.clock.advance(10_000);
    expect(world.table.get(leased)?.phase).toBe('Leased');
    expect(world.condition('Progressing')?.reason).toBe('RollingOut');
    world.table.move(leased, 'Leased', 'Terminating', 'Released');
    await world.clock.advance(5000);
    expect(hashes(world)).toEqual([newHash]);
    await world.stop();
  });

  it.each([
    ['with room', 20, 4],
    ['without room', 4, 3],
  ])(
    'to a template that cannot start stops and keeps the old ones serving (%s)',
    async (_name, maxSandboxes, serving) => {
      const world = poolWorld([aPool({ replicas: 4, maxSandboxes })]);
      await settled(world);
      const before = world.backend.calls.create;
      world.backend.fail('create', { type: 'StartFailed', message: 'no such command' });
      world.pools.put(aPool({ replicas: 4, maxSandboxes, image: 'python:4', generation: 2 }));
      const { fewestReady } = await watchFor(world, 60_000);
      expect(fewestReady).toBe(serving);
      await world.clock.advance(HOUR);
      expect(world.ready()).toHaveLength(serving);
      // 1 s, 2 s, 4 s, … 256 s, then one each 5 minutes
      expect(world.backend.calls.create - before).toBeLessThan(25);
      expect(world.condition('Degraded')).toMatchObject({
        status: 'True',
        reason: 'CreateFailed',
        message: 'no such command',
      });
      world.pools.put(aPool({ replicas: 4, maxSandboxes, generation: 3 }));
      world.backend.heal('create');
      await world.clock.advance(10_000);
      expect(world.ready()).toHaveLength(4);
      expect(world.condition('Degraded')?.status).toBe('False');
      await world.stop();
    },
  );

  it('back to the old template takes the replacements away again', async () => {
    const world = poolWorld([aPool({ replicas: 4 })]);
    await settled(world);
    const old = [...world.ready()];
    world.backend.setDelay('create', 1000);
    world.pools.put(aPool({ replicas: 4, image: 'python:4', generation: 2 }));
    await world.clock.advance(1500);
    world.pools.put(aPool({ replicas: 4, generation: 3 }));
    await world.clock.advance(10_000);
    expect(world.ready()).toHaveLength(4);
    expect(hashes(world)).toEqual([templateHash(aTemplate())]);
    expect(world.ready().filter((uid) => old.includes(uid)).length).toBeGreaterThanOrEqual(3);
    await world.stop();
  });
});

describe('recycling by age', () => {
  it('replaces every sandbox within its age, each at its own moment, without a dip', async () => {
    const recycle = { maxAgeSeconds: 3600 };
    const world = poolWorld([aPool({ replicas: 8, recycle })]);
    await settled(world);
    const first = [...world.ready()];
    await world.clock.advance(0.89 * HOUR - 10_000);
    expect(world.ready()).toEqual(first);
    let fewestReady = 8;
    const replacedAt = new Set<number>();
    let left = first.length;
    for (let step = 0; step < 60; step += 1) {
      await world.clock.advance(10_000);
      const now = world.ready().filter((uid) => first.includes(uid)).length;
      if (now < left) replacedAt.add(step);
      left = now;
      fewestReady = Math.min(fewestReady, world.ready().length);
    }
    expect(left).toBe(0);
    expect(fewestReady).toBe(8);
    expect(replacedAt.size).toBeGreaterThan(3);
    expect(new Set(world.recycled)).toEqual(new Set(['MaxAge']));
    await world.stop();
  });

  it('says when the next sandbox grows too old', async () => {
    const world = poolWorld([aPool({ replicas: 1, recycle: { maxAgeSeconds: 3600 } })]);
    await settled(world);
    const next = Date.parse(world.pools.getStatus(world.key)?.nextRecycleTime ?? '');
    const age = next - world.clock.now();
    expect(age).toBeGreaterThan(0.9 * HOUR - 20_000);
    expect(age).toBeLessThanOrEqual(HOUR);
    await world.stop();
  });
});
