import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { threadDirectory } from '../../../src/core/lease/thread-directory.js';
import type { CommandResult, CommandSpec, ExecError } from '../../../src/exec/command.js';
import { createExecute } from '../../../src/exec/create-execute.js';
import type { ExecuteRequest } from '../../../src/exec/execute.js';
import type { SandboxExec } from '../../../src/exec/sandbox-exec.js';
import type { LeaseRecord } from '../../../src/ports/lease-store.js';
import type { Metrics } from '../../../src/ports/metrics.js';
import type { AcquireError, Grant, LeaseController } from '../../../src/reconcile/leases.js';
import { aPool, memoryPools } from '../../support/builders.js';
import { manualClock } from '../../support/manual-clock.js';
import { silentLogger } from '../../support/silent-logger.js';
import { silentMetrics } from '../../support/silent-metrics.js';

const pool = { namespace: 'default', name: 'python' };
const request: ExecuteRequest = { pool, tenant: 'acme', thread: 'chat 1', command: 'true' };
const never = new AbortController().signal;

const lease: LeaseRecord = {
  pool,
  tenant: 'acme',
  thread: 'chat 1',
  sandbox: { uid: 'uid-1', name: 'sandbox-1' },
  epoch: 7,
  acquiredAt: 0,
  expiresAt: 1,
  lastActiveAt: 0,
  labels: {},
};

const done = (result: Partial<CommandResult> = {}): E.Either<ExecError, CommandResult> =>
  E.right({
    exitCode: 0,
    timedOut: false,
    canceled: false,
    truncated: { stdout: false, stderr: false },
    execMs: 3,
    via: 'shell',
    ...result,
  });

const setUp = (options: {
  readonly acquire?: E.Either<AcquireError, Partial<Grant>>;
  /** How often `begin` finds the lease gone. */
  readonly goneTimes?: number;
  readonly unleased?: boolean;
  readonly run?: (
    command: CommandSpec,
    signal: AbortSignal,
    uid: string,
  ) => Promise<E.Either<ExecError, CommandResult>>;
}) => {
  const log: string[] = [];
  const commands: CommandSpec[] = [];
  const counted: Parameters<Metrics['command']>[] = [];
  const end = new AbortController();
  let goneTimes = options.goneTimes ?? 0;
  let current = lease;
  const pools = memoryPools(aPool({ exec: { timeoutSeconds: 60, maxOutputBytes: 1000 } }));
  const leases: Pick<LeaseController, 'acquire' | 'begin' | 'condemn' | 'lost' | 'find'> = {
    find: () => (options.unleased === true ? undefined : current),
    acquire: (asked) => async () => {
      log.push(`acquire ${asked.renew ? 'and renew' : 'only'}`);
      const granted = options.acquire ?? E.right({});
      return E.isLeft(granted)
        ? granted
        : E.right({ lease: current, created: false, queueMs: 0, ...granted.right });
    },
    begin: (_lease, epoch) => {
      log.push(`begin ${epoch}`);
      goneTimes -= 1;
      return goneTimes >= 0 ? undefined : { signal: end.signal, end: () => void log.push('end') };
    },
    condemn: (_lease, epoch) => void log.push(`condemn ${epoch}`),
    lost: (_lease, epoch) => {
      log.push(`lost ${epoch}`);
      const next = epoch + 1;
      current = { ...lease, epoch: next, sandbox: { uid: `uid-${next}`, name: `sandbox-${next}` } };
    },
  };
  const exec: Pick<SandboxExec, 'run'> = {
    run: (uid, command, _sink, signal) => async () => {
      log.push(`run ${uid}`);
      commands.push(command);
      return options.run?.(command, signal, uid) ?? done();
    },
  };
  const execute = createExecute({
    pools,
    leases: leases as LeaseController,
    exec: exec as SandboxExec,
    clock: manualClock(),
    metrics: { ...silentMetrics, command: (...counts) => void counted.push(counts) },
    logger: silentLogger,
  });
  const run = (change: Partial<ExecuteRequest> = {}, signal = never) =>
    execute({ ...request, ...change }, () => undefined, signal)();
  return { run, log, commands, counted, end, pools };
};

const gone = (uid: string): E.Either<ExecError, CommandResult> =>
  E.left({ type: 'SandboxGone', message: 'gone', uid });
const unavailable = (fault?: 'Sandbox'): E.Either<ExecError, CommandResult> =>
  E.left({ type: 'ExecUnavailable', message: 'no shell', ...(fault && { fault }) });

/** A command that ends when it is canceled. */
const untilCanceled = (_command: CommandSpec, signal: AbortSignal) =>
  new Promise<E.Either<ExecError, CommandResult>>((resolve) => {
    signal.addEventListener('abort', () => resolve(done({ exitCode: 130, canceled: true })));
  });

describe('createExecute', () => {
  it("runs the command in the thread's sandbox and directory, with the pool's bounds", async () => {
    const { run, log, commands } = setUp({});
    expect(await run()).toMatchObject({
      right: { result: { exitCode: 0 }, lease, timings: { queueMs: 0, execMs: 3 } },
    });
    expect(log).toEqual(['acquire only', 'begin 7', 'run uid-1', 'end']);
    expect(commands).toEqual([
      {
        command: 'true',
        threadDirectory: threadDirectory('/tmp/workspace', 'acme', 'chat 1'),
        timeoutMs: 60_000,
        maxOutputBytes: 1000,
      },
    ]);
  });

  it('lets a caller ask for more time than usual, and for less output', async () => {
    const { run, commands } = setUp({});
    await run({ timeoutSeconds: 600, maxOutputBytes: 10 });
    await run({ timeoutSeconds: 1e9, maxOutputBytes: 1e9 });
    await run({ timeoutSeconds: 0 });
    expect(commands.map(({ timeoutMs, maxOutputBytes }) => [timeoutMs, maxOutputBytes])).toEqual([
      [600_000, 10],
      [86_400_000, 1000],
      [1, 1000],
    ]);
  });

  it('passes cwd, env, stdin and user on', async () => {
    const { run, commands } = setUp({});
    const given = { cwd: 'sub', env: { A: 'b' }, stdin: Buffer.from('in'), user: 'nobody' };
    await run(given);
    expect(commands[0]).toMatchObject(given);
  });

  it('says why there is no lease', async () => {
    const full: AcquireError = {
      type: 'QueueFull',
      message: 'full',
      queueLength: 3,
      retryAfterSeconds: 1,
    };
    const { run, log, counted } = setUp({ acquire: E.left(full) });
    expect(await run()).toEqual(E.left(full));
    expect(log).toEqual(['acquire only']);
    expect(counted).toEqual([]);
  });

  it('refuses a command that speaks for another lease, and runs nothing', async () => {
    const { run, log } = setUp({});
    expect(await run({ leaseEpoch: 6 })).toMatchObject({ left: { type: 'Fenced', epoch: 7 } });
    expect(log).toEqual(['acquire only']);
    expect(await run({ leaseEpoch: 7 })).toMatchObject({ right: { result: { exitCode: 0 } } });
  });

  it('makes no new lease for a command that speaks for one that is gone', async () => {
    const { run, log } = setUp({ unleased: true });
    expect(await run({ leaseEpoch: 6 })).toMatchObject({ left: { type: 'LeaseGone' } });
    expect(log).toEqual([]);
  });

  it('tries once more when the lease ended before the command began', async () => {
    const once = setUp({ goneTimes: 1 });
    expect(E.isRight(await once.run())).toBe(true);
    expect(once.log).toEqual([
      'acquire only',
      'begin 7',
      'acquire only',
      'begin 7',
      'run uid-1',
      'end',
    ]);
    const always = setUp({ goneTimes: 9 });
    expect(await always.run()).toMatchObject({ left: { type: 'LeaseGone' } });
    expect(always.log).not.toContain('run uid-1');
  });

  it('cancels the command of a caller who goes away', async () => {
    const { run, log } = setUp({ run: untilCanceled });
    const caller = new AbortController();
    const ran = run({}, caller.signal);
    setImmediate(() => caller.abort());
    expect(await ran).toMatchObject({ right: { result: { canceled: true } } });
    expect(log.at(-1)).toBe('end');
  });

  it('cancels the command when its lease ends, and says why that was', async () => {
    const { run, end } = setUp({ run: untilCanceled });
    const ran = run();
    setImmediate(() => end.abort('Expired'));
    expect(await ran).toMatchObject({
      left: { type: 'LeaseGone', message: expect.stringContaining('Expired') },
    });
  });

  it('answers a command that ended by itself even though the lease ended with it', async () => {
    const { run, end } = setUp({
      run: async () => {
        end.abort('Released');
        return done({ exitCode: 3 });
      },
    });
    expect(await run()).toMatchObject({ right: { result: { exitCode: 3 } } });
  });

  it('says that the sandbox is gone, rather than the lease, when it was lost under the command', async () => {
    const lost: ExecError = { type: 'SandboxGone', message: 'gone', uid: 'uid-1', begun: true };
    const { run, end, log } = setUp({
      run: async () => {
        end.abort('SandboxLost');
        return E.left(lost);
      },
    });
    expect(await run()).toEqual(E.left(lost));
    expect(log).toEqual(['acquire only', 'begin 7', 'run uid-1', 'lost 7', 'end']);
  });

  it('runs a command in another sandbox when its own was gone before it could begin, and counts it once', async () => {
    const { run, log, counted } = setUp({
      run: async (_command, _signal, uid) => (uid === 'uid-1' ? gone(uid) : done()),
    });
    expect(await run()).toMatchObject({
      right: { result: { exitCode: 0 }, lease: { epoch: 8, sandbox: { uid: 'uid-8' } } },
    });
    expect(log).toEqual([
      'acquire only',
      'begin 7',
      'run uid-1',
      'lost 7',
      'end',
      'acquire only',
      'begin 8',
      'run uid-8',
      'end',
    ]);
    expect(counted.map(([, { outcome }]) => outcome)).toEqual(['succeeded']);
  });

  it('tries no third sandbox', async () => {
    const { run, log, counted } = setUp({ run: async (_command, _signal, uid) => gone(uid) });
    expect(await run()).toEqual(gone('uid-8'));
    expect(log.filter((line) => line.startsWith('run'))).toEqual(['run uid-1', 'run uid-8']);
    expect(counted).toHaveLength(1);
  });

  it('runs nothing in another sandbox for who speaks for one lease', async () => {
    const { run, log } = setUp({ run: async (_command, _signal, uid) => gone(uid) });
    expect(await run({ leaseEpoch: 7 })).toEqual(gone('uid-1'));
    expect(log).toEqual(['acquire only', 'begin 7', 'run uid-1', 'lost 7', 'end']);
  });

  it('never runs a command twice that may have done something', async () => {
    const { run, log } = setUp({
      run: async (_command, _signal, uid) =>
        E.left({ type: 'SandboxGone', message: 'gone', uid, begun: true }),
    });
    expect(await run()).toMatchObject({ left: { type: 'SandboxGone' } });
    expect(log.filter((line) => line.startsWith('run'))).toEqual(['run uid-1']);
  });

  it('lets a command find out by itself whether it had begun when its sandbox was lost', async () => {
    const { run, end, log } = setUp({
      run: async (_command, signal, uid) => {
        if (uid !== 'uid-1') return done();
        end.abort('SandboxLost');
        return signal.aborted ? done({ exitCode: 130, canceled: true }) : gone(uid);
      },
    });
    expect(await run()).toMatchObject({ right: { result: { exitCode: 0 } } });
    expect(log).toContain('run uid-8');
  });

  it('condemns a sandbox in which two commands in a row could not begin', async () => {
    const { run, log } = setUp({ run: async () => unavailable('Sandbox') });
    expect(await run()).toEqual(unavailable('Sandbox'));
    expect(log).not.toContain('condemn 7');
    expect(await run()).toEqual(unavailable('Sandbox'));
    expect(log.slice(-2)).toEqual(['condemn 7', 'end']);
  });

  it('condemns no sandbox for an engine that is away', async () => {
    const { run, log } = setUp({ run: async () => unavailable() });
    for (let times = 0; times < 5; times += 1) expect(await run()).toEqual(unavailable());
    expect(log).not.toContain('condemn 7');
  });

  it('condemns the sandbox of a command that cannot be killed', async () => {
    const { run, log } = setUp({
      run: async () => E.left({ type: 'Unkillable', message: 'alive', uid: 'uid-1' }),
    });
    expect(await run()).toMatchObject({ left: { type: 'Unkillable' } });
    expect(log).toEqual(['acquire only', 'begin 7', 'run uid-1', 'condemn 7', 'end']);
  });

  it('ends its part in the lease even when something breaks', async () => {
    const { run, log } = setUp({ run: () => Promise.reject(new Error('a defect')) });
    await expect(run()).rejects.toThrow('a defect');
    expect(log.at(-1)).toBe('end');
  });

  it('goes on with the last settings of a pool whose manifest is gone', async () => {
    const { run, pools, commands } = setUp({});
    await run();
    pools.remove(pool);
    expect(E.isRight(await run())).toBe(true);
    expect(commands[1]).toEqual(commands[0]);
  });

  it('counts how commands end', async () => {
    const ends: readonly E.Either<ExecError, CommandResult>[] = [
      done(),
      done({ exitCode: 1 }),
      done({ exitCode: 124, timedOut: true, via: 'engine' }),
      done({ exitCode: 130, canceled: true }),
      E.left({ type: 'ShellLost', message: 'lost' }),
    ];
    const outcomes: unknown[] = [];
    for (const end of ends) {
      const { run, counted } = setUp({ run: async () => end });
      await run();
      outcomes.push(counted.map(([key, { outcome, via }]) => [key.name, outcome, via]));
    }
    expect(outcomes).toEqual([
      [['python', 'succeeded', 'shell']],
      [['python', 'failed', 'shell']],
      [['python', 'timed-out', 'engine']],
      [['python', 'canceled', 'shell']],
      [['python', 'error', 'shell']],
    ]);
  });
});
