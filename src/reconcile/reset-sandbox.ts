import * as E from 'fp-ts/lib/Either.js';
import { dueReason } from '../core/pool/recycle.js';
import { reasonText } from '../core/pool/recycle-reason.js';
import type { RecycleReason, Sandbox } from '../core/pool/sandbox.js';
import { TIMED_OUT, withDeadline } from '../runtime/deadline.js';
import { planSpecOf, warmSpecOf } from './describe-pool.js';
import type { PoolContext } from './pool-context.js';

/** Killing, emptying and opening shells takes well under a second; what takes longer is stuck. */
const CLEAN_TIMEOUT_MS = 30_000;

/** Why the sandbox is not worth another lease; undefined if it is. */
const whyRetire = ({ pools, clock }: PoolContext, sandbox: Sandbox): RecycleReason | undefined => {
  const stored = pools.get(sandbox.pool);
  if (stored === undefined) return 'PoolDeleted';
  return dueReason(sandbox, planSpecOf(stored), clock.now());
};

/** Cleans a sandbox that was given back: Resetting -> Ready; Terminating if it is due anyway; Failed. */
export const resetSandbox = async (
  context: PoolContext,
  sandbox: Sandbox & { readonly uid: string },
): Promise<void> => {
  const { table, exec, pools, clock, warming } = context;
  const { uid } = sandbox;
  const stored = pools.get(sandbox.pool);
  const due = whyRetire(context, sandbox);
  if (stored === undefined || due !== undefined) {
    table.move(uid, 'Resetting', 'Terminating', due ?? 'PoolDeleted');
    return;
  }
  const cleaned = await warming.run(() =>
    withDeadline(clock, CLEAN_TIMEOUT_MS, exec.clean(uid, warmSpecOf(stored))()),
  );
  if (cleaned === TIMED_OUT || E.isLeft(cleaned)) {
    const message =
      cleaned === TIMED_OUT ? `not clean after ${CLEAN_TIMEOUT_MS / 1000} s` : cleaned.left.message;
    table.move(uid, 'Resetting', 'Failed', reasonText('CleanFailed', message));
    return;
  }
  const dueMeanwhile = whyRetire(context, sandbox);
  if (dueMeanwhile === undefined) table.move(uid, 'Resetting', 'Ready');
  else table.move(uid, 'Resetting', 'Terminating', dueMeanwhile);
};
