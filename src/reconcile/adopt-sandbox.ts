import { reasonText } from '../core/pool/recycle-reason.js';
import type { RecycleReason } from '../core/pool/sandbox.js';
import type { ObservedSandbox } from '../ports/sandbox-backend.js';
import { warmSpecOf } from './describe-pool.js';
import type { PoolContext } from './pool-context.js';
import { warmLeased } from './warm-sandbox.js';

/** In phase Creating first, as nothing is known of it yet; then on to where it belongs. */
const enter = (context: PoolContext, observed: ObservedSandbox): void => {
  context.table.observe(observed, 'Creating', context.recordedLeases(observed.uid));
  context.sightings.seen(observed.uid);
};

const retire = (context: PoolContext, observed: ObservedSandbox, reason: RecycleReason): void => {
  enter(context, observed);
  context.table.move(observed.uid, 'Creating', 'Terminating', reason);
};

/**
 * Takes over a sandbox that this installation made and the table does not know: made by an earlier life
 * of the operator, or by a creation whose answer was lost. A leased one stays its thread's. A used one
 * without a lease was given back: it goes the way of those. An unused one is warmed like a new one.
 */
export const adoptSandbox = (
  context: PoolContext,
  observed: ObservedSandbox,
  leased: boolean,
): void => {
  const { table, pools, recordedLeases, jobs, sightings } = context;
  const { uid, pool, name } = observed;
  const stored = pools.get(pool);
  if (stored === undefined) {
    retire(context, observed, 'PoolDeleted');
    return;
  }
  if (observed.state === 'Stopped') {
    enter(context, observed);
    table.move(uid, 'Creating', 'Failed', reasonText('Stopped', observed.reason));
    return;
  }
  if (leased) {
    table.observe(observed, 'Leased', recordedLeases(uid));
    sightings.seen(uid);
    const sandbox = table.get(uid);
    if (sandbox !== undefined) {
      jobs.start(name, () => warmLeased(context, { ...sandbox, uid }, warmSpecOf(stored)));
    }
    return;
  }
  if (recordedLeases(uid) === 0) {
    enter(context, observed);
    return;
  }
  if (stored.pool.spec.recycle.onRelease === 'Reuse') {
    table.observe(observed, 'Resetting', recordedLeases(uid));
    sightings.seen(uid);
    return;
  }
  retire(context, observed, 'Released');
};
