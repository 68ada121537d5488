import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { CreateError } from '../../src/ports/sandbox-backend.js';
import { aPool } from '../support/builders.js';
import { createFakeBackend } from '../support/fake-backend.js';
import { manualClock } from '../support/manual-clock.js';
import { poolWorld } from '../support/pool-world.js';

const HOUR = 3_600_000;

describe('a template that cannot start', () => {
  it('does not storm: one trial at a time, ever more seldom, one reason and one line in the log', async () => {
    const world = poolWorld([aPool({ replicas: 10 })]);
    let tries = 0;
    // the engine words it differently each time
    world.backend.fail('create', (name) => {
      tries += 1;
      return { type: 'StartFailed', message: `container ${name}: no such command` };
    });
    await world.start();
    await world.clock.advance(30_000);
    const shown = world.condition('Degraded');
    expect(shown).toMatchObject({ status: 'True', reason: 'CreateFailed' });
    await world.clock.advance(HOUR);
    expect(tries).toBeLessThan(25);
    expect(tries).toBeGreaterThan(10);
    expect(world.condition('Degraded')).toEqual(shown);
    expect(world.log.filter(({ message }) => message === 'pool is degraded')).toHaveLength(1);
    expect(world.table.list(world.key).length).toBeLessThanOrEqual(1);
    await world.stop();
  });

  it('is tried anew at once when it is changed', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    world.backend.fail('create', { type: 'ImageMissing', message: 'no image x', image: 'x' });
    await world.start();
    await world.clock.advance(HOUR);
    expect(world.condition('Degraded')?.reason).toBe('ImageMissing');
    world.backend.heal('create');
    world.pools.put(aPool({ replicas: 3, image: 'y', generation: 2 }));
    await world.clock.advance(1000);
    expect(world.ready()).toHaveLength(3);
    expect(world.condition('Degraded')?.status).toBe('False');
    await world.stop();
  });

  it('is braked when its sandboxes start, but never get warm', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    world.warming.warmProblem = () => 'the directory cannot be made';
    await world.start();
    await world.clock.advance(HOUR);
    expect(world.backend.calls.create).toBeLessThan(25);
    expect(world.condition('Degraded')).toMatchObject({ reason: 'WarmupFailed' });
    expect(world.backend.sandboxes().length).toBeLessThanOrEqual(1);
    await world.stop();
  });

  it('is braked when its sandboxes stop by themselves soon after they were ready', async () => {
    const world = poolWorld([aPool({ replicas: 2 })]);
    await world.start();
    for (let second = 0; second < 1800; second += 2) {
      await world.clock.advance(2000);
      for (const uid of world.ready()) world.backend.kill(uid, 'exited with status 0');
    }
    expect(world.backend.calls.create).toBeLessThan(60);
    expect(world.condition('Degraded')).toMatchObject({
      reason: 'CreateFailed',
      message: expect.stringContaining('exited with status 0'),
    });
    await world.stop();
  });

  it('is not even tried when the backend cannot honour it', async () => {
    const world = poolWorld([aPool({ replicas: 2 })]);
    world.backend.refuseTemplates(() => [
      { path: 'spec.template.spec.hostNetwork', message: 'has no counterpart' },
    ]);
    await world.start();
    await world.clock.advance(60_000);
    expect(world.backend.calls.create).toBe(0);
    expect(world.condition('Degraded')).toMatchObject({
      reason: 'TemplateRefused',
      message: 'spec.template.spec.hostNetwork: has no counterpart',
    });
    await world.stop();
  });

  it('gives up on a sandbox that does not get warm in half a minute', async () => {
    const world = poolWorld([aPool({ replicas: 1 })]);
    let first = true;
    world.warming.warmProblem = () => {
      if (!first) return undefined;
      first = false;
      return new Promise(() => undefined);
    };
    await world.start();
    await world.clock.advance(40_000);
    expect(world.ready()).toHaveLength(1);
    expect(world.backend.sandboxes()).toHaveLength(1);
    expect(world.recycled).toEqual(['WarmupFailed']);
    await world.stop();
  });
});

describe('a backend that shows the past', () => {
  it.each([500, 3000, 8000])(
    'gets exactly as many sandboxes as wanted (%i ms behind)',
    async (lag) => {
      const world = poolWorld([aPool({ replicas: 5 })]);
      world.backend.setListLag(lag);
      await world.start();
      await world.clock.advance(120_000);
      expect(world.ready()).toHaveLength(5);
      expect(world.backend.calls.create).toBe(5);
      expect(world.backend.calls.destroy).toBe(0);
      await world.stop();
    },
  );

  it('does not bring removed sandboxes back', async () => {
    const world = poolWorld([aPool({ replicas: 5 })]);
    world.backend.setListLag(5000);
    await world.start();
    await world.clock.advance(60_000);
    world.pools.put(aPool({ replicas: 2, generation: 2 }));
    await world.clock.advance(60_000);
    expect(world.ready()).toHaveLength(2);
    expect(world.backend.calls).toMatchObject({ create: 5, destroy: 3 });
    await world.stop();
  });
});

describe('a failed creation that left a sandbox behind', () => {
  it.each<CreateError>([
    { type: 'BackendUnavailable', message: 'connection reset' },
    { type: 'StartFailed', message: 'no such command' },
  ])('is found again ($type): none is left over, none beyond the ceiling', async (error) => {
    const clock = manualClock();
    const backend = createFakeBackend({ clock });
    // slower than the wait before the next trial
    backend.setDelay('list', 3000);
    let failures = 3;
    const leaving = {
      ...backend,
      create:
        (...request: Parameters<typeof backend.create>) =>
        async () => {
          const made = await backend.create(...request)();
          if (failures === 0) return made;
          failures -= 1;
          return E.left(error);
        },
    };
    const world = poolWorld([aPool({ replicas: 1, maxSandboxes: 1 })], { clock, backend: leaving });
    let most = 0;
    await world.start();
    for (let step = 0; step < 600; step += 1) {
      await clock.advance(100);
      most = Math.max(most, backend.sandboxes().length);
    }
    expect(world.ready()).toHaveLength(1);
    expect(most).toBe(1);
    await world.stop();
  });
});

describe('an engine that is away', () => {
  it('costs no sandbox, is told of, and is made up for at once when it is back', async () => {
    const world = poolWorld([aPool({ replicas: 3 })]);
    await world.start();
    await world.clock.advance(5000);
    const before = [...world.ready()];
    world.backend.outage();
    world.pools.put(aPool({ replicas: 4, generation: 2 }));
    await world.clock.advance(600_000);
    expect(world.ready()).toEqual(before);
    expect(world.condition('Degraded')).toMatchObject({ reason: 'BackendUnavailable' });
    expect(world.reconciler.backendProblem()).toBe('the fake engine is down');
    expect(world.backend.calls.create).toBeLessThan(8);
    world.backend.recover();
    await world.clock.advance(1000);
    expect(world.ready()).toHaveLength(4);
    expect(world.condition('Degraded')?.status).toBe('False');
    await world.stop();
  });

  it('that restarts with all sandboxes stopped is no fault of the template', async () => {
    const world = poolWorld([aPool({ replicas: 6 })]);
    await world.start();
    await world.clock.advance(5000);
    world.backend.outage();
    await world.clock.advance(5000);
    for (const uid of world.ready()) world.backend.kill(uid, 'exited with status 137');
    world.backend.recover();
    await world.clock.advance(2000);
    expect(world.ready()).toHaveLength(6);
    expect(world.backend.sandboxes()).toHaveLength(6);
    expect(world.condition('Degraded')?.status).toBe('False');
    await world.stop();
  });

  it('at the start is waited for, and each pool says so', async () => {
    const world = poolWorld([aPool({ replicas: 2 })]);
    world.backend.outage();
    await world.start();
    await world.clock.advance(60_000);
    expect(world.condition('Degraded')).toMatchObject({ reason: 'BackendUnavailable' });
    world.backend.recover();
    await world.clock.advance(5000);
    expect(world.ready()).toHaveLength(2);
    await world.stop();
  });

  it('while a sandbox warms is not held against the template', async () => {
    const world = poolWorld([aPool({ replicas: 1 })]);
    let down = false;
    world.warming.warmProblem = () => {
      if (down) return undefined;
      down = true;
      world.backend.outage();
      return 'the stream broke';
    };
    await world.start();
    await world.clock.advance(10_000);
    expect(world.condition('Degraded')?.reason).toBe('BackendUnavailable');
    world.backend.recover();
    await world.clock.advance(1000);
    expect(world.ready()).toHaveLength(1);
    expect(world.backend.calls.create).toBe(1);
    await world.stop();
  });
});
