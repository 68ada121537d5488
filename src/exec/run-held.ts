import * as E from 'fp-ts/lib/Either.js';
import { poolKeyText } from '../api/pool-key.js';
import type { LeaseRecord } from '../ports/lease-store.js';
import type { LogFields, Logger } from '../ports/logger.js';
import type { LeaseController } from '../reconcile/leases.js';
import type { CommandSpec, OutputSink } from './command.js';
import { type Hold, leaseGone } from './hold-lease.js';
import type { SandboxExec } from './sandbox-exec.js';
import { createStuckLeases, type Ran } from './stuck-leases.js';

interface Deps {
  readonly leases: LeaseController;
  readonly exec: SandboxExec;
  readonly logger: Logger;
}

interface Caller {
  readonly sink: OutputSink;
  readonly signal: AbortSignal;
}

/**
 * Runs a command on a lease that is held for it, then ends its part in the lease. What the command shows
 * of the sandbox goes to the lease controller: that it is gone, or of no more use to its thread.
 */
export const runHeld = (deps: Deps) => {
  const { leases, logger } = deps;
  const stuckLeases = createStuckLeases((lease) => leases.find(lease)?.epoch === lease.epoch);

  const condemn = (lease: LeaseRecord, why: string): void => {
    logger.warn(fieldsOf(lease), why);
    leases.condemn(lease, lease.epoch);
  };

  return async (held: Hold, command: CommandSpec, caller: Caller): Promise<Ran> => {
    const { lease } = held.grant;
    try {
      const { ran, stuck } = await stuckLeases.watch(lease, () =>
        runUntilEnd(deps, held, command, caller),
      );
      if (stuck) condemn(lease, 'no shell lives in a leased sandbox; it is replaced');
      if (E.isRight(ran)) return ran;
      if (ran.left.type === 'SandboxGone') leases.lost(lease, lease.epoch);
      if (ran.left.type === 'Unkillable') {
        condemn(lease, 'a command could not be killed; its sandbox is replaced');
      }
      return ran;
    } finally {
      held.activity.end();
    }
  };
};

/** Whether the command met a sandbox that was not there any more: it may be run in another one. */
export const neverBegan = (ran: Ran): boolean =>
  E.isLeft(ran) && ran.left.type === 'SandboxGone' && ran.left.begun !== true;

/** Runs the command until it ends, its caller goes away or its lease ends. */
const runUntilEnd = async (
  { exec }: Deps,
  { grant, activity }: Hold,
  command: CommandSpec,
  caller: Caller,
): Promise<Ran> => {
  const cancel = new AbortController();
  const abort = (): void => cancel.abort();
  // what ran in a lost sandbox ends by itself, and says then whether it had begun
  const abortWithLease = (): void => {
    if (activity.signal.reason !== 'SandboxLost') abort();
  };
  caller.signal.addEventListener('abort', abort, { once: true });
  activity.signal.addEventListener('abort', abortWithLease, { once: true });
  if (caller.signal.aborted) abort();
  if (activity.signal.aborted) abortWithLease();
  try {
    const ran = await exec.run(grant.lease.sandbox.uid, command, caller.sink, cancel.signal)();
    return activity.signal.aborted && endedByLease(ran, activity.signal.reason)
      ? E.left(leaseGone(`while the command ran (${String(activity.signal.reason)})`))
      : ran;
  } finally {
    caller.signal.removeEventListener('abort', abort);
    activity.signal.removeEventListener('abort', abortWithLease);
  }
};

/** Whether the end of the lease is what the caller should hear: not when the command made it, and not in place of what is behind it. */
const endedByLease = (ran: Ran, reason: unknown): boolean => {
  if (reason === 'SandboxLost') return false;
  return E.isRight(ran) ? ran.right.canceled : ran.left.type !== 'Unkillable';
};

const fieldsOf = ({ pool, tenant, thread, epoch, sandbox }: LeaseRecord): LogFields => ({
  pool: poolKeyText(pool),
  tenant,
  thread,
  epoch,
  sandbox: sandbox.name,
  uid: sandbox.uid,
});
