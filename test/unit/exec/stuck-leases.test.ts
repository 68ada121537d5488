import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { CommandResult } from '../../../src/exec/command.js';
import { createStuckLeases, type Ran } from '../../../src/exec/stuck-leases.js';
import type { LeaseRecord } from '../../../src/ports/lease-store.js';
import { deferred } from '../../support/deferred.js';

const leaseOf = (epoch: number): LeaseRecord => ({
  pool: { namespace: 'default', name: 'python' },
  tenant: 'acme',
  thread: 't',
  sandbox: { uid: 'uid-1', name: 'sandbox-1' },
  epoch,
  acquiredAt: 0,
  expiresAt: 1,
  lastActiveAt: 0,
  labels: {},
});

const done = (result: Partial<CommandResult> = {}): Ran =>
  E.right({
    exitCode: 0,
    timedOut: false,
    canceled: false,
    truncated: { stdout: false, stderr: false },
    execMs: 3,
    via: 'shell',
    ...result,
  });
const full: Ran = E.left({ type: 'ExecUnavailable', message: 'status 2', fault: 'Sandbox' });
const away: Ran = E.left({ type: 'ExecUnavailable', message: 'no engine' });

const setUp = () => {
  const ended = new Set<number>();
  const looked: number[] = [];
  const leases = createStuckLeases(({ epoch }) => {
    looked.push(epoch);
    return !ended.has(epoch);
  });
  /** A command under way; ending it tells whether the lease is stuck. */
  const begin = (epoch = 7) => {
    const end = deferred<Ran>();
    const watched = leases.watch(leaseOf(epoch), () => end.promise);
    return async (ran: Ran): Promise<boolean> => {
      end.resolve(ran);
      return (await watched).stuck;
    };
  };
  const each = async (...ends: readonly Ran[]): Promise<readonly boolean[]> => {
    const stuck: boolean[] = [];
    for (const ran of ends) stuck.push(await begin()(ran));
    return stuck;
  };
  return { leases, ended, looked, begin, each };
};

describe('createStuckLeases', () => {
  it('calls a lease stuck at the second command in a row that finds no shell can live', async () => {
    expect(await setUp().each(full, full)).toEqual([false, true]);
  });

  it('stays of that mind until a command runs, however that ends', async () => {
    expect(await setUp().each(full, full, full)).toEqual([false, true, true]);
    for (const ran of [done(), done({ exitCode: 1 }), done({ exitCode: 124, timedOut: true })]) {
      expect(await setUp().each(full, ran, full)).toEqual([false, false, false]);
    }
  });

  it('takes no notice of an engine that is away, a broken stream, or one that was canceled', async () => {
    const lost: Ran = E.left({ type: 'ShellLost', message: 'lost' });
    const canceled = done({ exitCode: 130, canceled: true });
    expect(await setUp().each(away, away, away, lost, lost, canceled)).not.toContain(true);
    expect(await setUp().each(full, away, lost, canceled, full)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it('takes a command of the engine’s own exec for no sign that a shell lives', async () => {
    expect(await setUp().each(full, done({ via: 'engine' }), full)).toEqual([false, false, true]);
  });

  it('takes failures of the same moment for one', async () => {
    const { begin } = setUp();
    const [one, two, three] = [begin(), begin(), begin()];
    expect(await one(full)).toBe(false);
    expect(await two(full)).toBe(false);
    expect(await three(full)).toBe(false);
    expect(await begin()(full)).toBe(true);
  });

  it('loses no command that runs for those that cannot begin beside it', async () => {
    const { begin } = setUp();
    const long = begin();
    expect(await begin()(full)).toBe(false);
    expect(await begin()(full)).toBe(false);
    expect(await long(E.left({ type: 'ShellLost', message: 'lost' }))).toBe(false);
    expect(await begin()(full)).toBe(true);
  });

  it('is not kept from it by commands that only wait', async () => {
    const { begin } = setUp();
    const one = begin();
    expect(await one(full)).toBe(false);
    const two = begin();
    const three = begin();
    expect(await two(full)).toBe(true);
    await three(full);
  });

  it('knows leases by their epoch', async () => {
    const { begin } = setUp();
    expect(await begin(7)(full)).toBe(false);
    expect(await begin(8)(full)).toBe(false);
    expect(await begin(8)(full)).toBe(true);
  });

  it('keeps nothing of leases that have ended', async () => {
    const { begin, ended, looked } = setUp();
    await begin(7)(full);
    ended.add(7);
    await begin(8)(full);
    looked.splice(0);
    await begin(9)(full);
    expect(looked).toEqual([8, 9]);
  });

  it('counts no command that broke, and passes on what broke it', async () => {
    const { leases, begin } = setUp();
    const broken = leases.watch(leaseOf(7), () => Promise.reject(new Error('a defect')));
    await expect(broken).rejects.toThrow('a defect');
    expect(await begin()(full)).toBe(false);
    expect(await begin()(full)).toBe(true);
  });
});
