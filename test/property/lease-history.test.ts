import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import type { Activity } from '../../src/reconcile/leases.js';
import { BOX, id, type LeaseWorld, leaseWorld } from '../support/lease-world.js';
import { settle } from '../support/manual-clock.js';

type Step =
  | { readonly type: 'Ready' }
  | { readonly type: 'Acquire' | 'Release' | 'Renew' | 'Run'; readonly thread: number }
  | { readonly type: 'AcquireAndLeave' | 'ReleaseAndAcquire'; readonly thread: number }
  | { readonly type: 'EndCommand' | 'Lose' | 'Reap'; readonly which: number }
  | { readonly type: 'Advance'; readonly ms: number }
  | { readonly type: 'Store'; readonly fate: 'Succeed' | 'Fail' }
  | { readonly type: 'Crash'; readonly fate: 'DieBefore' | 'DieAfter'; readonly thread: number };

const thread = fc.nat({ max: 5 });
const which = fc.nat({ max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ type: 'Ready' }) },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constantFrom('Acquire', 'Acquire', 'Release', 'Renew', 'Run' as const),
      thread,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('AcquireAndLeave', 'ReleaseAndAcquire' as const),
      thread,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom('EndCommand', 'Lose', 'Reap' as const), which }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('Advance' as const),
      ms: fc.constantFrom(1, 900, 5000, 20_000, 61_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('Store' as const),
      fate: fc.constantFrom('Succeed', 'Fail' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('Crash' as const),
      fate: fc.constantFrom('DieBefore', 'DieAfter' as const),
      thread,
    }),
  },
);

/** Plays a history and looks after each step at what must always hold. */
const play = async (steps: readonly Step[]): Promise<void> => {
  const world = leaseWorld({
    lease: {
      durationSeconds: 60,
      idleTimeoutSeconds: 20,
      queue: { maxLength: 3, timeoutSeconds: 5 },
    },
    recycle: { maxLeases: 3, onRelease: 'Reuse' },
  });
  let made = 0;
  let highest = 0;
  let activities: Activity[] = [];

  const acquire = async (name: string, signal?: AbortSignal): Promise<void> => {
    const { store } = world;
    const answer = await world.acquire(name, {}, signal);
    if (E.isLeft(answer)) return;
    const { lease, created } = answer.right;
    // never answered before it is durable
    const change = store.changes.find(({ putLeases }) =>
      putLeases?.some(({ epoch }) => epoch === lease.epoch),
    );
    if (created) expect(change).toBeDefined();
  };

  const take = async (each: Step): Promise<void> => {
    const sandboxes = world.table.list(BOX);
    switch (each.type) {
      case 'Ready':
        made += 1;
        return world.addReady(`s${made}`);
      case 'Acquire':
        return void acquire(`${each.thread}`);
      case 'Renew':
        return void world.acquire(`${each.thread}`, { renew: true });
      case 'Release':
        return void world.release(`${each.thread}`);
      case 'ReleaseAndAcquire':
        void world.release(`${each.thread}`);
        return void acquire(`${each.thread}`);
      case 'AcquireAndLeave': {
        const leaving = new AbortController();
        void acquire(`${each.thread}`, leaving.signal);
        if (each.thread % 2 === 0) await Promise.resolve();
        return leaving.abort();
      }
      case 'Run': {
        const lease = world.leases.find(id(`${each.thread}`));
        const activity = lease && world.leases.begin(id(`${each.thread}`), lease.epoch);
        if (activity !== undefined) activities.push(activity);
        return;
      }
      case 'EndCommand':
        return activities[each.which % Math.max(1, activities.length)]?.end();
      case 'Lose': {
        const lost = sandboxes[each.which % Math.max(1, sandboxes.length)];
        if (lost?.uid === undefined) return;
        if (each.which % 2 === 0) world.table.remove(lost.name);
        else world.table.move(lost.uid, lost.phase, 'Failed', 'Stopped');
        return;
      }
      case 'Reap':
        for (const { uid, name, phase } of sandboxes) {
          if (phase === 'Terminating' || phase === 'Failed') world.table.remove(name);
          if (phase === 'Resetting' && uid !== undefined) world.table.move(uid, phase, 'Ready');
        }
        return;
      case 'Advance':
        return world.clock.advance(each.ms);
      case 'Store':
        return world.store.script(() => each.fate);
      case 'Crash': {
        world.store.script(() => each.fate);
        void world.acquire(`${each.thread}`);
        await settle();
        const present = world.table.list(BOX).filter(({ phase }) => phase !== 'Terminating');
        activities = [];
        return world.restart(present.flatMap(({ uid }) => uid ?? []));
      }
      default:
    }
  };

  const checkInvariants = (): void => {
    const durable = world.store.durable();
    const live = world.leases.list(BOX);
    // one lease for each sandbox and each thread, on disk as in memory
    for (const leases of [durable.leases, live]) {
      expect(new Set(leases.map(({ sandbox }) => sandbox.uid)).size).toBe(leases.length);
      expect(new Set(leases.map((lease) => lease.thread)).size).toBe(leases.length);
    }
    const onDisk = new Map(durable.leases.map((lease) => [lease.thread, lease]));
    for (const lease of live) {
      expect(onDisk.get(lease.thread)?.epoch).toBe(lease.epoch);
      expect(world.table.get(lease.sandbox.uid)?.phase).toBe('Leased');
    }
    // what is some thread's on disk is out of everybody else's reach
    for (const lease of durable.leases) {
      expect(['Ready', 'Resetting', 'Creating']).not.toContain(
        world.table.get(lease.sandbox.uid)?.phase,
      );
    }
    for (const sandbox of world.table.list(BOX)) {
      expect(sandbox.leases).toBeLessThanOrEqual(3);
      if (sandbox.phase === 'Leased') {
        expect(world.leases.liveUids().has(sandbox.uid ?? '')).toBe(true);
      }
    }
    // epochs of leases rise, also over restarts
    expect(durable.lastEpoch).toBeGreaterThanOrEqual(highest);
    highest = durable.lastEpoch;
    for (const lease of durable.leases) expect(lease.epoch).toBeLessThanOrEqual(highest);
  };

  try {
    for (const each of steps) {
      await take(each);
      await settle();
      checkInvariants();
    }
    // nothing stays stuck: with a store that works, and time, all leases end and all callers are answered
    world.store.script(() => 'Succeed');
    for (const activity of activities) activity.end();
    await world.clock.advance(300_000);
    checkInvariants();
    expect(world.store.durable().leases).toEqual([]);
    expect(world.leases.queueLength(BOX)).toBe(0);
  } finally {
    world.end();
  }
};

describe('whatever happens', () => {
  it('each thread has one sandbox, each sandbox one thread, and what was answered is on disk', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), play), {
      numRuns: 150,
    });
  });

  it('a history of crashes never gives an epoch twice', async () => {
    const crash = fc.record({
      type: fc.constant('Crash' as const),
      fate: fc.constantFrom('DieBefore', 'DieAfter' as const),
      thread,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { minLength: 1, maxLength: 8 }), async (crashes) => {
        const world = leaseWorld();
        const epochs: number[] = [];
        try {
          for (let n = 0; n < crashes.length; n += 1) {
            world.addReady(`s${n}`);
            world.store.script(() => crashes[n]?.fate ?? 'Succeed');
            void world.acquire(`${n}`);
            await settle();
            await world.restart(world.table.list(BOX).flatMap(({ uid }) => uid ?? []));
            world.addReady(`t${n}`);
            epochs.push((await world.grant(`fresh ${n}`)).lease.epoch);
          }
        } finally {
          world.end();
        }
        expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });
});

type QueueStep =
  | { readonly type: 'Come' | 'Ready' }
  | { readonly type: 'Leave'; readonly which: number }
  | { readonly type: 'Advance'; readonly ms: number };

const queueStep: fc.Arbitrary<QueueStep> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<QueueStep>({ type: 'Come' }) },
  { weight: 4, arbitrary: fc.constant<QueueStep>({ type: 'Ready' }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('Leave' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('Advance' as const),
      ms: fc.integer({ min: 1, max: 3000 }),
    }),
  },
);

describe('the queue', () => {
  it('serves in the order of coming, and admitted + waiting + refused is all who came', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(queueStep, { minLength: 1, maxLength: 40 }), async (steps) => {
        const world: LeaseWorld = leaseWorld({
          lease: { queue: { maxLength: 4, timeoutSeconds: 5 } },
        });
        const callers: AbortController[] = [];
        const served: number[] = [];
        let sandboxes = 0;
        let last: QueueStep['type'] | undefined;
        const come = (): void => {
          const number = callers.length;
          const caller = new AbortController();
          callers.push(caller);
          void world.acquire(`${number}`, {}, caller.signal).then((answer) => {
            if (E.isRight(answer)) served.push(number);
          });
        };
        try {
          for (const each of steps) {
            // callers may come in one burst, and so may sandboxes
            if (each.type !== last) await settle();
            if (each.type === 'Come') come();
            else if (each.type === 'Leave')
              callers[each.which % Math.max(1, callers.length)]?.abort();
            else if (each.type === 'Advance') await world.clock.advance(each.ms);
            else {
              sandboxes += 1;
              world.addReady(`s${sandboxes}`);
            }
            last = each.type;
          }
          await settle();
          expect(served).toEqual(served.toSorted((a, b) => a - b));
          const { granted, refused } = world.counts;
          const waiting = world.leases.queueLength(BOX);
          expect(granted + refused.length + waiting).toBe(callers.length);
          expect(waiting).toBeLessThanOrEqual(4);
        } finally {
          world.end();
        }
      }),
      { numRuns: 100 },
    );
  });
});
