import { afterEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { BOX, id, type LeaseWorld, leaseWorld } from '../support/lease-world.js';
import { settle } from '../support/manual-clock.js';

let world: LeaseWorld;
afterEach(() => world.end());

const queue = (maxLength: number, timeoutSeconds = 30) => ({
  lease: { queue: { maxLength, timeoutSeconds } },
});

describe('waiting for a sandbox', () => {
  it('serves callers in the order of their coming, as soon as one is ready', async () => {
    world = leaseWorld();
    const served: string[] = [];
    const waiting = ['1', '2', '3'].map((thread) =>
      world.grant(thread).then((grant) => {
        served.push(`${thread}:${grant.lease.sandbox.uid}`);
        return grant;
      }),
    );
    await world.clock.advance(2000);
    expect(world.leases.queueLength(BOX)).toBe(3);
    for (const uid of ['a', 'b', 'c']) {
      world.addReady(uid);
      await settle();
    }
    expect(served).toEqual(['1:a', '2:b', '3:c']);
    expect((await Promise.all(waiting)).map(({ queueMs }) => queueMs)).toEqual([2000, 2000, 2000]);
    expect(world.counts).toMatchObject({ granted: 3, hits: 0 });
  });

  it('lets nobody overtake those who wait', async () => {
    world = leaseWorld();
    const first = world.grant('first');
    await settle();
    world.addReady('a');
    // in the same moment, before anybody could react
    const second = world.acquire('second');
    expect((await first).lease.sandbox.uid).toBe('a');
    expect(world.leases.queueLength(BOX)).toBe(1);
    world.addReady('b');
    expect(await second).toMatchObject({ right: { lease: { sandbox: { uid: 'b' } } } });
  });

  it('refuses at once when the queue is full, and says when to come again', async () => {
    world = leaseWorld(queue(1));
    const waiting = world.acquire('1');
    await settle();
    expect(await world.acquire('2')).toMatchObject({
      left: { type: 'QueueFull', queueLength: 1, retryAfterSeconds: expect.any(Number) },
    });
    expect(world.leases.queueLength(BOX)).toBe(1);
    world.addReady('a');
    expect(E.isRight(await waiting)).toBe(true);
  });

  it('ends with the deadline of the pool', async () => {
    world = leaseWorld(queue(10, 5));
    const waiting = world.acquire('t');
    await world.clock.advance(5000);
    expect(await waiting).toMatchObject({
      left: { type: 'NoSandbox', message: expect.stringContaining('5 s') },
    });
    expect(world.leases.queueLength(BOX)).toBe(0);
    expect(world.counts.refused).toEqual(['NoSandbox']);
  });

  it('does not wait where the pool gives no time to', async () => {
    world = leaseWorld(queue(10, 0));
    expect(await world.acquire('t')).toMatchObject({ left: { type: 'NoSandbox' } });
  });

  it('ends when the caller goes away, whose place is then free', async () => {
    world = leaseWorld(queue(1));
    const gone = new AbortController();
    const waiting = world.acquire('1', {}, gone.signal);
    await settle();
    gone.abort();
    expect(await waiting).toMatchObject({ left: { type: 'AcquireCanceled' } });
    await settle();
    const next = world.acquire('2');
    world.addReady('a');
    expect(await next).toMatchObject({ right: { lease: { thread: '2' } } });
  });

  it('goes on for the other callers of the thread when the first goes away', async () => {
    world = leaseWorld();
    const gone = new AbortController();
    const first = world.acquire('t', {}, gone.signal);
    const second = world.acquire('t');
    await settle();
    gone.abort();
    expect(await first).toMatchObject({ left: { type: 'AcquireCanceled' } });
    world.addReady('a');
    expect(await second).toMatchObject({ right: { lease: { sandbox: { uid: 'a' } } } });
  });

  it('leaves the sandbox to the next when the caller went away as it was handed over', async () => {
    world = leaseWorld();
    const gone = new AbortController();
    const first = world.acquire('1', {}, gone.signal);
    const second = world.acquire('2');
    await settle();
    world.addReady('a');
    gone.abort();
    expect(E.isLeft(await first)).toBe(true);
    const leases = [await second];
    expect(leases).toMatchObject([{ right: { lease: { sandbox: { uid: 'a' } } } }]);
  });

  it('keeps the lease of a caller that goes away while it is written down', async () => {
    world = leaseWorld();
    world.addReady('a');
    const allow = world.store.hold();
    const gone = new AbortController();
    const first = world.acquire('t', {}, gone.signal);
    await settle();
    gone.abort();
    expect(E.isLeft(await first)).toBe(true);
    allow('Succeed');
    await settle();
    expect(world.leases.find(id('t'))).toMatchObject({ sandbox: { uid: 'a' } });
  });

  it('gives the head the error of the store, and serves the others', async () => {
    world = leaseWorld();
    const first = world.acquire('1');
    const second = world.acquire('2');
    await settle();
    let commits = 0;
    world.store.script(() => ((commits += 1) === 1 ? 'Fail' : 'Succeed'));
    world.addReady('a');
    expect(await first).toMatchObject({ left: { type: 'StoreFailed' } });
    expect(await second).toMatchObject({ right: { lease: { sandbox: { uid: 'a' }, epoch: 2 } } });
  });

  it('ends for all when warmpool stops', async () => {
    world = leaseWorld();
    const waiting = [world.acquire('1'), world.acquire('2')];
    await settle();
    world.leases.stop();
    for (const each of await Promise.all(waiting)) {
      expect(each).toMatchObject({ left: { type: 'Stopping' } });
    }
    expect(await world.acquire('3')).toMatchObject({ left: { type: 'Stopping' } });
  });

  it('ends for all when the pool is deleted', async () => {
    world = leaseWorld();
    const waiting = world.acquire('1');
    await settle();
    world.pools.remove(BOX);
    expect(await waiting).toMatchObject({ left: { type: 'Stopping' } });
  });

  it('ends when the pool comes to allow more leases for each sandbox', async () => {
    world = leaseWorld({ recycle: { maxLeases: 1 } });
    world.addReady('a', { leases: 1 });
    const waiting = world.acquire('t');
    await settle();
    world.pools.put(BOX, { recycle: { maxLeases: 2 } });
    expect(await waiting).toMatchObject({ right: { lease: { sandbox: { uid: 'a' } } } });
  });

  it('tells times to come again by the rate at which sandboxes became ready', async () => {
    world = leaseWorld(queue(2));
    for (let n = 0; n < 3; n += 1) {
      await world.clock.advance(10_000);
      world.addReady(`s${n}`);
      await world.grant(`${n}`);
    }
    await world.clock.advance(10_000);
    const waiting = [world.acquire('x'), world.acquire('y')];
    await settle();
    // 3 in 30 s, and two are in front
    expect(await world.acquire('z')).toMatchObject({ left: { retryAfterSeconds: 30 } });
    world.leases.stop();
    await Promise.all(waiting);
  });
});
