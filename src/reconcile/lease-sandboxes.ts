import type { PoolKey } from '../api/pool-key.js';
import { chooseSandbox } from '../core/lease/assign.js';
import { reasonText } from '../core/pool/recycle-reason.js';
import type { Sandbox } from '../core/pool/sandbox.js';
import { planSpecOf } from './describe-pool.js';
import type { LeaseContext } from './lease-context.js';
import type { LeaseEndReason } from './leases.js';

export type ReservedSandbox = Sandbox & { readonly uid: string };

type Reserving = Pick<LeaseContext, 'pools' | 'table' | 'reserved' | 'state'>;

/** Takes the best sandbox of the pool out of everybody's reach; undefined if there is none. */
export const reserveSandbox = (
  { pools, table, reserved, state }: Reserving,
  pool: PoolKey,
): ReservedSandbox | undefined => {
  const stored = pools.current(pool);
  if (stored === undefined || state.stopped) return undefined;
  const chosen = chooseSandbox(table.list(pool), planSpecOf(stored));
  if (chosen === undefined || !table.move(chosen.uid, 'Ready', 'Leased')) return undefined;
  reserved.add(chosen.uid);
  return chosen;
};

/** No lease came of it: the sandbox is as ready as before, unless it was lost meanwhile. */
export const unreserveSandbox = ({ table, reserved }: Reserving, uid: string): void => {
  reserved.delete(uid);
  table.move(uid, 'Leased', 'Ready');
};

/** Sends a sandbox that was leased on its way. Does nothing to one that is lost already. */
export const sendBack = (
  { table, pools }: LeaseContext,
  {
    uid,
    pool,
    reason,
    quiet,
  }: {
    readonly uid: string;
    readonly pool: PoolKey;
    readonly reason: LeaseEndReason;
    /** Whether all commands have ended. */
    readonly quiet: boolean;
  },
): void => {
  const onRelease = pools.current(pool)?.pool.spec.recycle.onRelease;
  if (reason === 'Unkillable') table.move(uid, 'Leased', 'Failed', reason);
  else if (onRelease === undefined) table.move(uid, 'Leased', 'Terminating', 'PoolDeleted');
  // a command that would not end must not meet the next thread
  else if (onRelease === 'Replace' || !quiet) table.move(uid, 'Leased', 'Terminating', reason);
  else table.move(uid, 'Leased', 'Resetting', reason);
};

/** Takes a leased sandbox, which does not run any more, out of service; the planner sees to the rest. */
export const failLostSandbox = ({ table }: LeaseContext, uid: string): void => {
  const reason = reasonText('Stopped', 'it did not run any more when a command came');
  table.move(uid, 'Leased', 'Failed', reason);
};
