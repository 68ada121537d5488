import { afterEach, describe, expect, it } from '@jest/globals';
import { BOX, id, type LeaseWorld, leaseWorld } from '../support/lease-world.js';
import { settle } from '../support/manual-clock.js';

let world: LeaseWorld;
afterEach(() => world.end());

describe('after a restart', () => {
  it('threads find their leases again, and epochs go on rising', async () => {
    world = leaseWorld();
    for (const uid of ['a', 'b']) world.addReady(uid);
    const { lease } = await world.grant('t');
    await world.restart(['a', 'b']);
    expect(await world.grant('t')).toEqual({ lease, created: false, queueMs: 0 });
    expect(world.leases.begin(id('t'), lease.epoch)).toBeDefined();
    expect((await world.grant('new')).lease).toMatchObject({ epoch: 2, sandbox: { uid: 'b' } });
    expect(world.leases.recordedLeases('a')).toBe(1);
  });

  it('a lease whose sandbox is gone has ended', async () => {
    world = leaseWorld();
    for (const uid of ['a', 'b']) world.addReady(uid);
    await world.grant('t');
    await world.restart(['b']);
    expect(world.counts.ended).toEqual(['SandboxLost']);
    expect(world.store.durable().leases).toEqual([]);
    expect((await world.grant('t')).lease.sandbox.uid).toBe('b');
  });

  it('a lease whose pool is gone has ended, without time to drain', async () => {
    world = leaseWorld();
    world.addReady('a');
    await world.grant('t');
    world.pools.remove(BOX);
    await world.restart(['a']);
    expect(world.counts.ended).toEqual(['PoolDeleted']);
    expect(world.table.get('a')?.phase).toBe('Terminating');
  });

  it('a lease that ran out meanwhile has ended', async () => {
    world = leaseWorld({ lease: { durationSeconds: 60 } });
    world.addReady('a');
    await world.grant('t');
    world.store.script(() => 'Fail');
    await world.clock.advance(60_000);
    await world.restart(['a']);
    expect(world.counts.ended).toEqual(['Expired']);
  });

  it('what is remembered of sandboxes that are gone goes', async () => {
    world = leaseWorld();
    for (const uid of ['a', 'b']) world.addReady(uid);
    await world.grant('1');
    await world.grant('2');
    await world.release('1');
    await world.restart(['b']);
    await world.clock.advance(5000);
    expect(world.store.durable().sandboxes).toEqual([{ uid: 'b', leases: 1 }]);
    world.leases.forgetSandbox('b');
    expect(world.leases.recordedLeases('b')).toBe(0);
    await world.leases.flush();
    expect(world.store.durable().sandboxes).toEqual([]);
  });

  it('a sandbox that was adopted for a lease which was then released goes its way', async () => {
    world = leaseWorld();
    world.addReady('a');
    await world.grant('t');
    world.store.crash();
    world.end();
    const next = leaseWorld({}, { start: false });
    next.table.observe(
      {
        uid: 'a',
        name: 'box-a',
        pool: BOX,
        templateHash: 'x',
        createdAt: 0,
        state: 'Running',
      },
      'Leased',
      1,
    );
    next.leases.start(new AbortController().signal);
    await settle();
    expect(next.table.get('a')).toMatchObject({ phase: 'Terminating' });
    next.end();
  });

  it('activity that was written before the end is remembered', async () => {
    world = leaseWorld();
    world.addReady('a');
    const { lease } = await world.grant('t');
    await world.clock.advance(60_000);
    world.leases.begin(id('t'), lease.epoch)?.end();
    await world.leases.flush();
    await world.restart(['a']);
    expect(world.leases.find(id('t'))?.lastActiveAt).toBe(lease.acquiredAt + 60_000);
  });

  it('a lease that was durable is there, though its caller never heard of it', async () => {
    world = leaseWorld();
    world.addReady('a');
    world.store.script(() => 'DieAfter');
    void world.acquire('t');
    await settle();
    await world.restart(['a']);
    expect(await world.grant('t')).toMatchObject({
      created: false,
      lease: { sandbox: { uid: 'a' } },
    });
  });

  it('a lease that was never durable was never given', async () => {
    world = leaseWorld();
    world.addReady('a');
    world.store.script(() => 'DieBefore');
    let answered = false;
    void world.acquire('t').then(() => (answered = true));
    await settle();
    await world.restart(['a']);
    expect(answered).toBe(false);
    expect(world.leases.find(id('t'))).toBeUndefined();
    expect(world.table.get('a')?.phase).toBe('Ready');
  });
});
