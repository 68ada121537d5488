import * as E from 'fp-ts/lib/Either.js';
import { threadDirectory } from '../core/lease/thread-directory.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { CommandOutcomeName, Metrics } from '../ports/metrics.js';
import type { PoolStore } from '../ports/pool-store.js';
import type { LeaseController } from '../reconcile/leases.js';
import type { CommandResult, CommandSpec } from './command.js';
import type { Execute, ExecuteRequest } from './execute.js';
import { type ExecSettings, holdLease } from './hold-lease.js';
import { neverBegan, runHeld } from './run-held.js';
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
  const run = runHeld(deps);
  return (request, sink, signal) => async () => {
    const start = clock.monotonic();
    let queueMs = 0;
    for (let tries = 1; ; tries += 1) {
      const held = await hold(request, signal);
      if (E.isLeft(held)) return held;
      const { grant, settings } = held.right;
      queueMs += grant.queueMs;
      const leased = clock.monotonic();
      const ran = await run(held.right, commandFor(request, settings), { sink, signal });
      // removed behind our back: its thread gets another one, unless it asked for this very lease
      if (neverBegan(ran) && tries === 1 && request.leaseEpoch === undefined) continue;
      const end = clock.monotonic();
      count(deps, request, ran, { runMs: end - leased, leaseMs: leased - start - queueMs });
      if (E.isLeft(ran)) return ran;
      return E.right({
        result: ran.right,
        lease: grant.lease,
        timings: {
          queueMs,
          leaseMs: leased - start,
          execMs: ran.right.execMs,
          totalMs: end - start,
        },
      });
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
