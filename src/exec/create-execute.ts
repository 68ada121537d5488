import * as E from 'fp-ts/lib/Either.js';
import { poolKeyText } from '../api/pool-key.js';
import type { SandboxPoolSpec } from '../api/sandbox-pool-spec.js';
import { threadDirectory } from '../core/lease/thread-directory.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { CommandOutcomeName, Metrics } from '../ports/metrics.js';
import type { PoolStore } from '../ports/pool-store.js';
import type {
  AcquireError,
  Activity,
  Fenced,
  Grant,
  LeaseController,
  LeaseGone,
} from '../reconcile/leases.js';
import type { CommandResult, CommandSpec, ExecError, OutputSink } from './command.js';
import type { Execute, ExecuteRequest } from './execute.js';
import type { SandboxExec } from './sandbox-exec.js';

/** A day: longer work is no command for a lease to wait for. */
const LONGEST_TIMEOUT_SECONDS = 86_400;

type ExecSettings = SandboxPoolSpec['exec'];

interface ExecuteDeps {
  readonly pools: PoolStore;
  readonly leases: LeaseController;
  readonly exec: SandboxExec;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** A lease, and this command's part in it. */
interface Hold {
  readonly grant: Grant;
  readonly activity: Activity;
  readonly settings: ExecSettings;
}

/** Runs threads' commands in the sandboxes that they lease. */
export const createExecute = (deps: ExecuteDeps): Execute => {
  const { clock } = deps;
  const hold = holdLease(deps);
  return (request, sink, signal) => async () => {
    const start = clock.monotonic();
    const held = await hold(request, signal);
    if (E.isLeft(held)) return held;
    const { grant, activity, settings } = held.right;
    const leased = clock.monotonic();
    try {
      const ran = await runHeld(deps, held.right, commandFor(request, settings), { sink, signal });
      const end = clock.monotonic();
      count(deps, request, ran, (end - leased) / 1000);
      if (E.isLeft(ran)) {
        if (ran.left.type === 'Unkillable') condemn(deps, grant);
        return ran;
      }
      return E.right({
        result: ran.right,
        lease: grant.lease,
        timings: {
          queueMs: grant.queueMs,
          leaseMs: leased - start,
          execMs: ran.right.execMs,
          totalMs: end - start,
        },
      });
    } finally {
      activity.end();
    }
  };
};

/** Finds or makes the thread's lease and takes part in it. */
const holdLease = ({ pools, leases }: ExecuteDeps) => {
  /** A pool whose manifest is gone still has leases for a while, and their commands need its settings. */
  const lastSettings = new Map<string, ExecSettings>();

  const settingsOf = (request: ExecuteRequest): ExecSettings | undefined => {
    const key = poolKeyText(request.pool);
    const settings = pools.get(request.pool)?.pool.spec.exec;
    if (settings === undefined) return lastSettings.get(key);
    lastSettings.set(key, settings);
    return settings;
  };

  const enter = async (
    request: ExecuteRequest,
    signal: AbortSignal,
  ): Promise<E.Either<AcquireError | Fenced, Hold | undefined>> => {
    const { pool, tenant, thread, leaseEpoch } = request;
    const acquired = await leases.acquire({ pool, tenant, thread, renew: false }, signal)();
    if (E.isLeft(acquired)) return acquired;
    const grant = acquired.right;
    const { epoch } = grant.lease;
    if (leaseEpoch !== undefined && leaseEpoch !== epoch) return E.left(fenced(leaseEpoch, epoch));
    const settings = settingsOf(request);
    if (settings === undefined) return E.left(unknownPool(request));
    const activity = leases.begin(request, epoch);
    return E.right(activity && { grant, activity, settings });
  };

  return async (
    request: ExecuteRequest,
    signal: AbortSignal,
  ): Promise<E.Either<AcquireError | Fenced | LeaseGone, Hold>> => {
    // a lease may end between its grant and the command: the next one is as good, once
    for (const _ of ['first', 'again']) {
      const entered = await enter(request, signal);
      if (E.isLeft(entered)) return entered;
      if (entered.right !== undefined) return E.right(entered.right);
    }
    return E.left(leaseGone('before the command began'));
  };
};

/** What a caller left open comes from the pool; no caller gets more output than the pool allows. */
const commandFor = (request: ExecuteRequest, settings: ExecSettings): CommandSpec => {
  const seconds = request.timeoutSeconds ?? settings.timeoutSeconds;
  const { command, cwd, env, stdin, user } = request;
  return {
    command,
    threadDirectory: threadDirectory(settings.workingDirectory, request.tenant, request.thread),
    timeoutMs: Math.max(1, Math.min(seconds, LONGEST_TIMEOUT_SECONDS) * 1000),
    maxOutputBytes: Math.min(
      request.maxOutputBytes ?? settings.maxOutputBytes,
      settings.maxOutputBytes,
    ),
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(stdin !== undefined && { stdin }),
    ...(user !== undefined && { user }),
  };
};

/** Runs the command until it ends, its caller goes away or its lease ends. */
const runHeld = async (
  { exec }: ExecuteDeps,
  { grant, activity }: Hold,
  command: CommandSpec,
  caller: { readonly sink: OutputSink; readonly signal: AbortSignal },
): Promise<E.Either<ExecError | LeaseGone, CommandResult>> => {
  const cancel = new AbortController();
  const abort = (): void => cancel.abort();
  caller.signal.addEventListener('abort', abort, { once: true });
  activity.signal.addEventListener('abort', abort, { once: true });
  if (caller.signal.aborted || activity.signal.aborted) abort();
  try {
    const ran = await exec.run(grant.lease.sandbox.uid, command, caller.sink, cancel.signal)();
    return activity.signal.aborted && endedByLease(ran, activity.signal.reason)
      ? E.left(leaseGone(`while the command ran (${String(activity.signal.reason)})`))
      : ran;
  } finally {
    caller.signal.removeEventListener('abort', abort);
    activity.signal.removeEventListener('abort', abort);
  }
};

/** Whether the end of the lease is what the caller should hear: not when the command made it, and not in place of what is behind it. */
const endedByLease = (ran: E.Either<ExecError, CommandResult>, reason: unknown): boolean => {
  if (E.isRight(ran)) return ran.right.canceled;
  return ran.left.type !== 'Unkillable' && reason !== 'SandboxLost';
};

const condemn = ({ leases, logger }: ExecuteDeps, { lease }: Grant): void => {
  const { pool, tenant, thread, epoch, sandbox } = lease;
  const fields = { pool: poolKeyText(pool), tenant, thread, epoch };
  logger.warn(
    { ...fields, sandbox: sandbox.name, uid: sandbox.uid },
    'a command could not be killed; its sandbox is replaced',
  );
  leases.condemn(lease, epoch);
};

const outcomeOf = (result: CommandResult): CommandOutcomeName => {
  if (result.timedOut) return 'timed-out';
  if (result.canceled) return 'canceled';
  return result.exitCode === 0 ? 'succeeded' : 'failed';
};

const count = (
  { metrics }: ExecuteDeps,
  { pool, user }: ExecuteRequest,
  ran: E.Either<unknown, CommandResult>,
  seconds: number,
): void => {
  if (E.isRight(ran)) metrics.command(pool, outcomeOf(ran.right), seconds, ran.right.via);
  else metrics.command(pool, 'error', seconds, user === undefined ? 'shell' : 'engine');
};

const fenced = (asked: number, epoch: number): Fenced => ({
  type: 'Fenced',
  message: `the thread's lease has epoch ${epoch}, not ${asked}`,
  epoch,
});

const leaseGone = (when: string): LeaseGone => ({
  type: 'LeaseGone',
  message: `the lease ended ${when}`,
});

const unknownPool = ({ pool }: ExecuteRequest): AcquireError => ({
  type: 'PoolUnknown',
  message: `there is no pool ${poolKeyText(pool)}`,
});
