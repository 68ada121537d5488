import { afterEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { CommandResult, ExecError } from '../../src/exec/command.js';
import { createExecute } from '../../src/exec/create-execute.js';
import type { ExecuteRequest } from '../../src/exec/execute.js';
import { BOX, id, type LeaseWorld, leaseWorld } from '../support/lease-world.js';
import { settle } from '../support/manual-clock.js';
import { silentLogger } from '../support/silent-logger.js';
import { silentMetrics } from '../support/silent-metrics.js';

let world: LeaseWorld;
afterEach(() => world.end());

const done: E.Either<ExecError, CommandResult> = E.right({
  exitCode: 0,
  timedOut: false,
  canceled: false,
  truncated: { stdout: false, stderr: false },
  execMs: 1,
  via: 'shell',
});

const unused = () => {
  throw new Error('not used here');
};

/** `execute` over real leases, in sandboxes of which some are gone though nobody has noticed. */
const executeWithout = (gone: ReadonlySet<string>) => {
  const ran: string[] = [];
  const execute = createExecute({
    pools: world.pools.store,
    leases: world.leases,
    clock: world.clock,
    metrics: silentMetrics,
    logger: silentLogger,
    exec: {
      warm: unused,
      clean: unused,
      forget: unused,
      close: unused,
      run: (uid) => async () => {
        await settle();
        if (gone.has(uid)) return E.left({ type: 'SandboxGone', message: 'no such sandbox', uid });
        ran.push(uid);
        return done;
      },
    },
  });
  const run = (thread: string, more: Partial<ExecuteRequest> = {}) =>
    execute(
      { ...id(thread), command: 'true', ...more },
      () => undefined,
      new AbortController().signal,
    )();
  return { run, ran };
};

describe('commands of a thread whose sandbox went behind the operator’s back', () => {
  it('all run in one new sandbox', async () => {
    world = leaseWorld();
    world.addReady('a', { createdAt: 1 });
    const { lease } = await world.grant('t');
    world.addReady('b', { createdAt: 2 });
    const { run, ran } = executeWithout(new Set(['a']));
    const replies = await Promise.all([run('t'), run('t'), run('t')]);
    for (const reply of replies) {
      expect(reply).toMatchObject({ right: { lease: { sandbox: { uid: 'b' } } } });
    }
    expect(ran).toEqual(['b', 'b', 'b']);
    expect(world.counts.ended).toEqual(['SandboxLost']);
    expect(world.table.get('a')?.phase).toBe('Failed');
    expect(world.leases.find(id('t'))?.epoch).toBeGreaterThan(lease.epoch);
  });

  it('wait in line for a new one when none is ready', async () => {
    world = leaseWorld();
    world.addReady('a');
    await world.grant('t');
    const { run } = executeWithout(new Set(['a']));
    const reply = run('t');
    await world.clock.advance(100);
    expect(world.leases.queueLength(BOX)).toBe(1);
    world.addReady('b');
    expect(await reply).toMatchObject({
      right: { lease: { sandbox: { uid: 'b' } }, timings: { queueMs: expect.any(Number) } },
    });
  });

  it('end with the loss when they speak for that lease, which is over then', async () => {
    world = leaseWorld();
    world.addReady('a', { createdAt: 1 });
    const { lease } = await world.grant('t');
    world.addReady('b', { createdAt: 2 });
    const { run, ran } = executeWithout(new Set(['a']));
    const named = { leaseEpoch: lease.epoch };
    expect(await run('t', named)).toMatchObject({ left: { type: 'SandboxGone', uid: 'a' } });
    await settle();
    expect(await run('t', named)).toMatchObject({ left: { type: 'LeaseGone' } });
    expect(ran).toEqual([]);
  });
});
