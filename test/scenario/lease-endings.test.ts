import { afterEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { BOX, id, type LeaseWorld, leaseWorld } from '../support/lease-world.js';
import { settle } from '../support/manual-clock.js';

let world: LeaseWorld;
afterEach(() => world.end());

const MINUTE = 60_000;

describe('releasing a lease', () => {
  it('ends it durably, and then sends the sandbox off', async () => {
    world = leaseWorld();
    world.addReady('a');
    await world.grant('t');
    expect(await world.release('t')).toEqual(E.right(true));
    expect(world.store.durable().leases).toEqual([]);
    expect(world.table.get('a')).toMatchObject({ phase: 'Terminating', reason: 'Released' });
    expect(world.leases.find(id('t'))).toBeUndefined();
    expect(world.counts.ended).toEqual(['Released']);
    expect(await world.release('t')).toEqual(E.right(false));
  });

  it('sends the sandbox to be cleaned where the pool reuses sandboxes', async () => {
    world = leaseWorld({ recycle: { onRelease: 'Reuse' } });
    world.addReady('a');
    await world.grant('t');
    await world.release('t');
    expect(world.table.get('a')?.phase).toBe('Resetting');
  });

  it('refuses callers that speak for another epoch', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    expect(await world.release('t', lease.epoch + 1)).toMatchObject({
      left: { type: 'Fenced', epoch: lease.epoch },
    });
    expect(world.leases.find(id('t'))).toEqual(lease);
    expect(await world.release('t', lease.epoch)).toEqual(E.right(true));
  });

  it('leaves the lease as it was when the store refuses', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    world.store.script(() => 'Fail');
    expect(await world.release('t')).toMatchObject({ left: { type: 'StoreFailed' } });
    expect(world.leases.find(id('t'))).toEqual(lease);
    expect(world.leases.begin(id('t'), lease.epoch)).toBeDefined();
    expect(world.table.get('a')?.phase).toBe('Leased');
  });

  it('cancels commands, waits for them, and lets none begin', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    const activity = world.leases.begin(id('t'), lease.epoch);
    const releasing = world.release('t');
    await settle();
    expect(activity?.signal).toMatchObject({ aborted: true, reason: 'Released' });
    expect(world.leases.begin(id('t'), lease.epoch)).toBeUndefined();
    expect(world.store.durable().leases).toHaveLength(1);
    activity?.end();
    expect(await releasing).toEqual(E.right(true));
  });

  it('never reuses a sandbox whose commands would not end in time', async () => {
    world = leaseWorld({ recycle: { onRelease: 'Reuse' } });
    world.addReady('a');
    const { lease } = await world.grant('t');
    world.leases.begin(id('t'), lease.epoch);
    const releasing = world.release('t');
    await world.clock.advance(10_000);
    expect(await releasing).toEqual(E.right(true));
    expect(world.table.get('a')?.phase).toBe('Terminating');
  });

  it('makes a caller that comes meanwhile wait, and gives it another sandbox', async () => {
    world = leaseWorld();
    world.addReady('a', { createdAt: 1 });
    world.addReady('b', { createdAt: 2 });
    const { lease } = await world.grant('t');
    const activity = world.leases.begin(id('t'), lease.epoch);
    const releasing = world.release('t');
    await settle();
    const acquiring = world.acquire('t');
    await settle();
    activity?.end();
    expect(await releasing).toEqual(E.right(true));
    expect(await acquiring).toMatchObject({
      right: { created: true, lease: { epoch: 2, sandbox: { uid: 'b' } } },
    });
  });

  it('finds nothing while the thread still waits for a sandbox', async () => {
    world = leaseWorld();
    const waiting = world.acquire('t');
    await settle();
    expect(await world.release('t')).toEqual(E.right(false));
    world.addReady('a');
    expect(E.isRight(await waiting)).toBe(true);
  });

  it('waits for the grant under way, so that nothing is left of it', async () => {
    world = leaseWorld();
    world.addReady('a');
    const allow = world.store.hold();
    const granting = world.acquire('t');
    await settle();
    const releasing = world.release('t');
    allow('Succeed');
    expect(E.isRight(await granting)).toBe(true);
    expect(await releasing).toEqual(E.right(true));
    expect(world.leases.liveUids().size).toBe(0);
  });

  it('ends all leases for a clean-up', async () => {
    world = leaseWorld();
    for (const uid of ['a', 'b']) world.addReady(uid);
    await world.grant('1');
    await world.grant('2');
    expect(await world.leases.releaseAll()).toEqual(E.right(2));
    expect(world.store.durable().leases).toEqual([]);
  });
});

describe('a lease ends by time', () => {
  const timed = { lease: { durationSeconds: 600, idleTimeoutSeconds: 120 } };

  it('after its idle timeout without a command', async () => {
    world = leaseWorld(timed);
    world.addReady('a');
    await world.grant('t');
    await world.clock.advance(2 * MINUTE - 1);
    expect(world.leases.find(id('t'))).toBeDefined();
    await world.clock.advance(1);
    expect(world.counts.ended).toEqual(['Idle']);
    expect(world.store.durable().leases).toEqual([]);
    expect(world.table.get('a')).toMatchObject({ phase: 'Terminating', reason: 'Idle' });
  });

  it('when it expires, however much it is used', async () => {
    world = leaseWorld(timed);
    world.addReady('a');
    const { lease } = await world.grant('t');
    for (let n = 0; n < 10; n += 1) {
      expect(world.counts.ended).toEqual([]);
      world.leases.begin(id('t'), lease.epoch)?.end();
      await world.clock.advance(MINUTE);
    }
    await world.clock.advance(1000);
    expect(world.counts.ended).toEqual(['Expired']);
  });

  it('not while a command runs, but as soon as it is over', async () => {
    world = leaseWorld(timed);
    world.addReady('a');
    const { lease } = await world.grant('t');
    const activity = world.leases.begin(id('t'), lease.epoch);
    await world.clock.advance(20 * MINUTE);
    expect(world.leases.find(id('t'))).toBeDefined();
    expect(activity?.signal.aborted).toBe(false);
    activity?.end();
    await settle();
    expect(world.counts.ended).toEqual(['Expired']);
  });

  it('at the millisecond, whenever the timer fires', async () => {
    world = leaseWorld(timed);
    for (const uid of ['a', 'b']) world.addReady(uid);
    const { lease } = await world.grant('t', { durationSeconds: 1 });
    const reference = world.clock.now();
    world.clock.setTimer(1000, () => {
      expect(world.clock.now()).toBe(reference + 1000);
      expect(world.leases.begin(id('t'), lease.epoch)).toBeUndefined();
      expect(world.leases.find(id('t'))).toBeUndefined();
    });
    await world.clock.advance(1000);
    expect((await world.grant('t')).lease.epoch).toBe(2);
  });

  it('earlier when the pool comes to ask for that', async () => {
    world = leaseWorld(timed);
    world.addReady('a');
    await world.grant('t');
    await world.clock.advance(MINUTE);
    world.pools.put(BOX, { lease: { idleTimeoutSeconds: 30 } });
    await settle();
    expect(world.counts.ended).toEqual(['Idle']);
  });

  it('for hundreds of leases with one timer', async () => {
    world = leaseWorld(timed);
    const before = world.clock.timers();
    for (let n = 0; n < 500; n += 1) {
      world.addReady(`s${n}`);
      await world.grant(`${n}`, { durationSeconds: 60 + (n % 10) });
    }
    expect(world.clock.timers()).toBeLessThanOrEqual(before + 2);
    await world.clock.advance(2 * MINUTE);
    expect(world.counts.ended).toHaveLength(500);
    expect(world.store.durable().leases).toEqual([]);
  });

  it('at once for its thread, and on disk as soon as the store works again', async () => {
    world = leaseWorld(timed);
    world.addReady('a');
    const { lease } = await world.grant('t');
    world.store.script(() => 'Fail');
    await world.clock.advance(5 * MINUTE);
    expect(world.leases.find(id('t'))).toBeUndefined();
    expect(world.leases.begin(id('t'), lease.epoch)).toBeUndefined();
    expect(await world.acquire('t')).toMatchObject({ left: { type: 'StoreFailed' } });
    expect(world.leases.liveUids().has('a')).toBe(true);
    expect(world.table.get('a')?.phase).toBe('Leased');
    world.store.script(() => 'Succeed');
    await world.clock.advance(MINUTE);
    expect(world.counts.ended).toEqual(['Idle']);
    expect(world.table.get('a')?.phase).toBe('Terminating');
  });
});

describe('a lease ends for its sandbox or its pool', () => {
  it('when its sandbox fails or vanishes', async () => {
    world = leaseWorld();
    for (const uid of ['a', 'b']) world.addReady(uid);
    const one = await world.grant('1');
    const activity = world.leases.begin(id('1'), one.lease.epoch);
    await world.grant('2');
    world.table.move(one.lease.sandbox.uid, 'Leased', 'Failed', 'Stopped: exited');
    expect(activity?.signal.reason).toBe('SandboxLost');
    activity?.end();
    world.table.remove('box-b');
    await settle();
    expect(world.counts.ended).toEqual(['SandboxLost', 'SandboxLost']);
    expect(world.store.durable().leases).toEqual([]);
  });

  it('when somebody who used its sandbox says that it is lost, and only that very lease', async () => {
    world = leaseWorld({ recycle: { onRelease: 'Reuse' } });
    for (const uid of ['a', 'b']) world.addReady(uid);
    const { lease } = await world.grant('t');
    world.leases.lost(id('t'), lease.epoch + 1);
    expect(world.leases.find(id('t'))).toEqual(lease);
    const activity = world.leases.begin(id('t'), lease.epoch);
    world.leases.lost(id('t'), lease.epoch);
    expect(activity?.signal.reason).toBe('SandboxLost');
    activity?.end();
    const next = await world.grant('t');
    expect(next.lease.sandbox.uid).not.toBe(lease.sandbox.uid);
    world.leases.lost(id('t'), lease.epoch);
    expect(world.leases.find(id('t'))).toEqual(next.lease);
    expect(world.table.get(lease.sandbox.uid)).toMatchObject({
      phase: 'Failed',
      reason: expect.stringMatching(/^Stopped: /u),
    });
    expect(world.counts.ended).toEqual(['SandboxLost']);
    expect(world.store.durable().leases).toEqual([next.lease]);
  });

  it('not for a sandbox that an operator which stops has let go of', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    world.leases.stop();
    world.leases.lost(id('t'), lease.epoch);
    await settle();
    expect(world.leases.find(id('t'))).toEqual(lease);
    expect(world.table.get('a')?.phase).toBe('Leased');
  });

  it('not again by the loss of a sandbox that is on its way already', async () => {
    world = leaseWorld({ recycle: { onRelease: 'Reuse' } });
    world.addReady('a');
    const { lease } = await world.grant('t');
    const activity = world.leases.begin(id('t'), lease.epoch);
    const releasing = world.release('t');
    await settle();
    world.leases.lost(id('t'), lease.epoch);
    activity?.end();
    await releasing;
    expect(world.table.get('a')?.phase).toBe('Resetting');
    expect(world.counts.ended).toEqual(['Released']);
  });

  it('when its sandbox cannot be trusted, which is never used again', async () => {
    world = leaseWorld({ recycle: { onRelease: 'Reuse' } });
    world.addReady('a');
    const { lease } = await world.grant('t');
    world.leases.condemn(id('t'), lease.epoch + 1);
    expect(world.leases.find(id('t'))).toBeDefined();
    world.leases.condemn(id('t'), lease.epoch);
    expect(world.leases.find(id('t'))).toBeUndefined();
    await settle();
    expect(world.table.get('a')).toMatchObject({ phase: 'Failed', reason: 'Unkillable' });
    expect(world.counts.ended).toEqual(['Unkillable']);
  });

  it('when it is condemned while it is being released', async () => {
    world = leaseWorld({ recycle: { onRelease: 'Reuse' } });
    world.addReady('a');
    const { lease } = await world.grant('t');
    const activity = world.leases.begin(id('t'), lease.epoch);
    const releasing = world.release('t');
    await settle();
    world.leases.condemn(id('t'), lease.epoch);
    activity?.end();
    expect(await releasing).toEqual(E.right(true));
    expect(world.table.get('a')?.phase).toBe('Failed');
  });

  it('when its pool was deleted and the time to drain is over', async () => {
    world = leaseWorld({ recycle: { drainSeconds: 60 } });
    world.addReady('a');
    world.addReady('b');
    const { lease } = await world.grant('t');
    world.pools.remove(BOX);
    expect(await world.acquire('new')).toMatchObject({ left: { type: 'Stopping' } });
    expect(await world.acquire('t', { renew: true })).toMatchObject({ left: { type: 'Stopping' } });
    await world.clock.advance(59_000);
    expect((await world.grant('t')).lease).toEqual(lease);
    await world.clock.advance(1000);
    expect(world.counts.ended).toEqual(['PoolDeleted']);
    expect(world.table.get('a')).toMatchObject({ phase: 'Terminating', reason: 'PoolDeleted' });
    expect(await world.acquire('new')).toMatchObject({ left: { type: 'PoolUnknown' } });
  });

  it('not when the pool comes back in time', async () => {
    world = leaseWorld({ recycle: { drainSeconds: 60 } });
    world.addReady('a');
    const { lease } = await world.grant('t');
    world.pools.remove(BOX);
    await world.clock.advance(30_000);
    world.pools.put(BOX, {});
    await world.clock.advance(MINUTE);
    expect(world.leases.find(id('t'))).toEqual(lease);
  });
});
