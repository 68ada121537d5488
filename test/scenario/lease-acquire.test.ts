import { afterEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { BOX, id, type LeaseWorld, leaseWorld } from '../support/lease-world.js';
import { settle } from '../support/manual-clock.js';

let world: LeaseWorld;
afterEach(() => world.end());

describe('acquiring a lease', () => {
  it('gives a warm sandbox, writes it down first and then knows it', async () => {
    world = leaseWorld();
    world.addReady('a');
    const grant = await world.grant('t');
    expect(grant).toMatchObject({ created: true, queueMs: 0 });
    expect(grant.lease).toMatchObject({
      sandbox: { uid: 'a', name: 'box-a' },
      epoch: 1,
      acquiredAt: world.clock.now(),
      expiresAt: world.clock.now() + 3_600_000,
    });
    expect(world.store.durable()).toEqual({
      leases: [grant.lease],
      sandboxes: [{ uid: 'a', leases: 1 }],
      lastEpoch: 1,
    });
    expect(world.table.get('a')).toMatchObject({ phase: 'Leased', leases: 1 });
    expect(world.leases.find(id('t'))).toEqual(grant.lease);
    expect(world.kicked).toContainEqual(BOX);
    expect(world.logged).toContainEqual({
      fields: {
        pool: 'default/box',
        tenant: 'default',
        thread: 't',
        sandbox: 'box-a',
        uid: 'a',
        epoch: 1,
      },
      message: 'lease granted',
    });
  });

  it('answers the same thread with the same lease, without writing', async () => {
    world = leaseWorld();
    world.addReady('a');
    world.addReady('b');
    const first = await world.grant('t');
    const again = await world.grant('t');
    expect(again).toEqual({ ...first, created: false });
    expect(world.store.changes).toHaveLength(1);
  });

  it('makes one lease for callers of one thread that come at the same time', async () => {
    world = leaseWorld();
    world.addReady('a');
    world.addReady('b');
    const grants = await Promise.all([world.grant('t'), world.grant('t'), world.grant('t')]);
    expect(grants.map(({ created }) => created)).toEqual([true, false, false]);
    expect(new Set(grants.map(({ lease }) => lease.epoch)).size).toBe(1);
    expect(world.leases.list(BOX)).toHaveLength(1);
  });

  it('never answers before the record is durable', async () => {
    world = leaseWorld();
    world.addReady('a');
    const allow = world.store.hold();
    let answered = false;
    const granting = world.acquire('t').then((answer) => {
      answered = true;
      return answer;
    });
    await settle();
    expect(answered).toBe(false);
    expect(world.table.get('a')?.phase).toBe('Leased');
    expect(world.leases.find(id('t'))).toBeUndefined();
    allow('Succeed');
    expect(E.isRight(await granting)).toBe(true);
  });

  it('refuses when the record cannot be written, and the sandbox is ready again', async () => {
    world = leaseWorld();
    world.addReady('a');
    world.store.script(() => 'Fail');
    expect(await world.acquire('t')).toMatchObject({ left: { type: 'StoreFailed' } });
    expect(world.table.get('a')).toMatchObject({ phase: 'Ready', leases: 0 });
    expect(world.leases.find(id('t'))).toBeUndefined();
    world.store.script(() => 'Succeed');
    // the number that was used is not used again
    expect((await world.grant('t')).lease.epoch).toBe(2);
  });

  it('keeps serving old leases while the store refuses new ones', async () => {
    world = leaseWorld();
    world.addReady('a');
    world.addReady('b');
    const { lease } = await world.grant('old');
    world.store.script(() => 'Fail');
    expect(await world.acquire('new')).toMatchObject({ left: { type: 'StoreFailed' } });
    expect((await world.grant('old')).lease).toEqual(lease);
    expect(world.leases.begin(id('old'), lease.epoch)).toBeDefined();
  });

  it('takes another sandbox when the one it had chosen is lost while it is written down', async () => {
    world = leaseWorld();
    world.addReady('a', { createdAt: 1 });
    world.addReady('b', { createdAt: 2 });
    let lost = false;
    world.store.script(() => {
      if (!lost) world.table.move('a', 'Leased', 'Failed', 'Stopped');
      lost = true;
      return 'Succeed';
    });
    const { lease } = await world.grant('t');
    expect(lease).toMatchObject({ sandbox: { uid: 'b' }, epoch: 2 });
    expect(world.store.durable().leases).toEqual([lease]);
  });

  it('never leases a sandbox that has had as many leases as it may', async () => {
    world = leaseWorld({
      recycle: { maxLeases: 3 },
      lease: { queue: { maxLength: 0 } },
    });
    world.addReady('worn', { leases: 3 });
    expect(await world.acquire('t')).toMatchObject({ left: { type: 'QueueFull' } });
    world.addReady('used', { leases: 2 });
    expect((await world.grant('t')).lease.sandbox.uid).toBe('used');
  });

  it('says that a pool is unknown', async () => {
    world = leaseWorld();
    const pool = { namespace: 'default', name: 'other' };
    expect(await world.acquire('t', { pool })).toMatchObject({ left: { type: 'PoolUnknown' } });
    expect(world.counts.refused).toEqual([]);
  });

  it('keeps threads apart whose names would run together', async () => {
    world = leaseWorld();
    world.addReady('a');
    world.addReady('b');
    const one = await world.grant('c', { tenant: 'a","b' });
    const two = await world.grant('b","c', { tenant: 'a' });
    expect(one.lease.sandbox.uid).not.toBe(two.lease.sandbox.uid);
  });
});

describe('renewing a lease', () => {
  it('extends it durably, by the time asked for or by the time of the pool', async () => {
    world = leaseWorld();
    world.addReady('a');
    await world.grant('t');
    await world.clock.advance(60_000);
    const renewed = await world.grant('t', { renew: true, labels: { a: '1' } });
    expect(renewed).toMatchObject({
      created: false,
      lease: {
        expiresAt: world.clock.now() + 3_600_000,
        lastActiveAt: world.clock.now(),
        labels: { a: '1' },
      },
    });
    const longer = await world.grant('t', { durationSeconds: 7200, labels: { b: '2' } });
    expect(longer.lease).toMatchObject({
      expiresAt: world.clock.now() + 7_200_000,
      labels: { a: '1', b: '2' },
    });
    expect(world.store.durable().leases).toEqual([longer.lease]);
  });

  it('leaves the lease as it was if it cannot be written down', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    world.store.script(() => 'Fail');
    expect(await world.acquire('t', { durationSeconds: 9 })).toMatchObject({
      left: { type: 'StoreFailed' },
    });
    expect(world.leases.find(id('t'))).toEqual(lease);
  });

  it('is not undone by the coalesced write of activity', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    world.leases.begin(id('t'), lease.epoch)?.end();
    const allow = world.store.hold();
    const renewing = world.grant('t', { durationSeconds: 7200 });
    await settle();
    const flushed = world.clock.advance(5000);
    await settle();
    allow('Succeed');
    const { expiresAt } = (await renewing).lease;
    await flushed;
    await world.clock.advance(10_000);
    expect(world.store.durable().leases).toMatchObject([{ expiresAt }]);
  });
});

describe('commands on a lease', () => {
  it('begin only on the live lease of that epoch', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    expect(world.leases.begin(id('t'), lease.epoch - 1)).toBeUndefined();
    expect(world.leases.begin(id('other'), lease.epoch)).toBeUndefined();
    const activity = world.leases.begin(id('t'), lease.epoch);
    expect(activity?.signal.aborted).toBe(false);
    await world.clock.advance(1000);
    activity?.end();
    activity?.end();
    expect(world.leases.find(id('t'))?.lastActiveAt).toBe(world.clock.now());
  });

  it('are written down as activity together, some seconds later', async () => {
    world = leaseWorld();
    for (const uid of ['a', 'b', 'c']) world.addReady(uid);
    for (const thread of ['1', '2', '3']) {
      const { lease } = await world.grant(thread);
      world.leases.begin(id(thread), lease.epoch)?.end();
    }
    const before = world.store.changes.length;
    await world.clock.advance(5000);
    expect(world.store.changes.slice(before).map(({ putLeases }) => putLeases?.length)).toEqual([
      3,
    ]);
  });

  it('are waited for at shutdown, but not for ever', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    const activity = world.leases.begin(id('t'), lease.epoch);
    let over = '';
    void world.leases.waitForCommands(1000).then(() => (over += 'first '));
    await world.clock.advance(999);
    expect(over).toBe('');
    await world.clock.advance(1);
    expect(over).toBe('first ');
    void world.leases.waitForCommands(1000).then(() => (over += 'second'));
    activity?.end();
    await settle();
    expect(over).toBe('first second');
    await world.leases.waitForCommands(1000);
  });
});
