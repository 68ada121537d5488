import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { aPool } from '../support/builders.js';
import { type PoolWorld, poolWorld } from '../support/pool-world.js';

const CEILING = 7;

const pool = (replicas: number, image: string, generation: number) =>
  aPool({
    replicas,
    maxSandboxes: CEILING,
    image,
    generation,
    recycle: { onRelease: 'Reuse', maxAgeSeconds: 600, maxLeases: 2 },
  });

/** One thing that may happen; `which` picks among the sandboxes it could happen to. */
interface Event {
  readonly what:
    | 'lease'
    | 'release'
    | 'reuse'
    | 'kill'
    | 'vanish'
    | 'edit'
    | 'outage'
    | 'recover'
    | 'breakTemplate'
    | 'mendTemplate'
    | 'loseHint'
    | 'wait';
  readonly which: number;
  readonly thenMs: number;
}

const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Event['what'][]>(
      'lease',
      'lease',
      'lease',
      'release',
      'reuse',
      'kill',
      'vanish',
      'edit',
      'outage',
      'recover',
      'breakTemplate',
      'mendTemplate',
      'loseHint',
      'wait',
    ),
    which: fc.nat(20),
    thenMs: fc.constantFrom(0, 3, 40, 300, 2000, 40_000),
  }),
  { minLength: 5, maxLength: 40 },
);

const pick = <A>(from: readonly A[], which: number): A | undefined => from[which % from.length];

/** Makes it happen. Sandboxes that the test itself takes away are noted in `taken`. */
const happen = (world: PoolWorld, event: Event, taken: Set<string>): void => {
  const { backend, table, pools } = world;
  const running = backend.sandboxes().filter(({ state }) => state === 'Running');
  const victim = pick(running, event.which)?.uid;
  const ready = pick(world.ready(), event.which);
  const leased = pick(world.inPhase('Leased'), event.which)?.uid;
  switch (event.what) {
    case 'lease':
      if (ready === undefined || !world.lease(ready)) return;
      table.setLeases(ready, (table.get(ready)?.leases ?? 0) + 1);
      return;
    case 'release':
      if (leased !== undefined) table.move(leased, 'Leased', 'Terminating', 'Released');
      return;
    case 'reuse':
      if (leased !== undefined) table.move(leased, 'Leased', 'Resetting');
      return;
    case 'kill':
    case 'vanish':
    case 'loseHint':
      if (victim === undefined) return;
      taken.add(victim);
      if (event.what === 'kill') backend.kill(victim);
      else backend.vanish(victim, { silently: event.what === 'loseHint' });
      return;
    case 'edit':
      pools.put(pool(event.which % 6, `image-${event.which % 3}`, event.which + 2));
      return;
    case 'outage':
      backend.outage();
      return;
    case 'recover':
      backend.recover();
      return;
    case 'breakTemplate':
      backend.fail('create', { type: 'StartFailed', message: 'no such command' });
      return;
    case 'mendTemplate':
      backend.heal('create');
      return;
    case 'wait':
      return;
    default: {
      const never: never = event.what;
      throw new Error(String(never));
    }
  }
};

/** What must hold at every moment. */
const check = (world: PoolWorld, taken: ReadonlySet<string>): void => {
  const there = world.backend.sandboxes();
  expect(there.length).toBeLessThanOrEqual(CEILING);
  expect(world.table.list(world.key).length).toBeLessThanOrEqual(CEILING);
  const uids = new Set(there.map(({ uid }) => uid));
  for (const { uid } of world.inPhase('Leased')) {
    if (!taken.has(uid)) expect(uids).toContain(uid);
  }
};

describe('whatever happens to a pool', () => {
  it('it stays within its ceiling, no leased sandbox is taken away, and in the end it is as wanted', async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.constantFrom(0, 200, 3000),
        fc.constantFrom(0, 0, 1500),
        async (walk, delay, lag) => {
          const world = poolWorld([pool(3, 'image-0', 1)]);
          world.backend.setDelay('create', delay);
          world.backend.setDelay('destroy', delay / 2);
          world.backend.setDelay('list', delay / 10);
          world.backend.setListLag(lag);
          await world.start();
          const taken = new Set<string>();
          for (const event of walk) {
            happen(world, event, taken);
            check(world, taken);
            await world.clock.advance(event.thenMs);
            check(world, taken);
          }
          world.backend.heal('create');
          world.backend.recover();
          for (const { uid } of world.inPhase('Leased')) {
            world.table.move(uid, 'Leased', 'Terminating', 'Released');
          }
          // longer than the longest wait between two creations
          await world.clock.advance(400_000);
          const wanted = world.pools.get(world.key)?.pool.spec.replicas ?? 0;
          expect(world.ready().length).toBeGreaterThanOrEqual(wanted);
          expect(world.log.filter(({ level }) => level === 'error')).toEqual([]);
          await world.stop();
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
  }, 120_000);
});
