import * as E from 'fp-ts/lib/Either.js';
import { poolKeyText } from '../api/pool-key.js';
import { threadDirectory } from '../core/lease/thread-directory.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { CommandOutcomeName, Metrics } from '../ports/metrics.js';
import type { PoolStore } from '../ports/pool-store.js';
import type { Grant, LeaseController, LeaseGone } from '../reconcile/leases.js';
import type { CommandResult, CommandSpec, ExecError, OutputSink } from './command.js';
import type { Execute, ExecuteRequest } from './execute.js';
import { type ExecSettings, type Hold, holdLease, leaseGone } from './hold-lease.js';
import type { SandboxExec } from './sandbox-exec.js';

/** A day: longer work is no command for a lease to wait for. */
const LONGEST_TIMEOUT_SECONDS = 86_400;

interface ExecuteDeps {
  readonly pools: PoolStore;
  readonly leases: LeaseController;
  readonly exec: SandboxExec;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
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
      count(deps, request, ran, { runMs: end - leased, leaseMs: leased - start - grant.queueMs });
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
  took: { readonly runMs: number; readonly leaseMs: number },
): void => {
  if (E.isLeft(ran)) {
    const via = user === undefined ? 'shell' : 'engine';
    metrics.command(pool, { outcome: 'error', via, seconds: took.runMs / 1000 });
    return;
  }
  const { execMs, via } = ran.right;
  metrics.command(pool, {
    outcome: outcomeOf(ran.right),
    via,
    seconds: execMs / 1000,
    overheadSeconds: Math.max(0, took.leaseMs + took.runMs - execMs) / 1000,
  });
};
