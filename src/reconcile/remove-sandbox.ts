import * as E from 'fp-ts/lib/Either.js';
import { poolKeyText } from '../api/pool-key.js';
import type { Sandbox } from '../core/pool/sandbox.js';
import { backoffMs } from '../runtime/backoff.js';
import type { PoolContext } from './pool-context.js';

/** A removal that was refused may be through a moment later; one that keeps being refused is for people to see. */
const RETRY = { firstMs: 1000, longestMs: 30_000 };

/** Removes a Terminating sandbox from the backend, then from the table. A failure leaves it for a later try. */
export const removeSandbox = async (
  context: PoolContext,
  sandbox: Sandbox & { readonly uid: string },
): Promise<void> => {
  const { backend, table, exec, clock, health, removals, logger, removing } = context;
  const { uid, name, pool } = sandbox;
  exec.forget(uid);
  const removed = await removing.run(() => backend.destroy(uid)());
  if (E.isRight(removed)) {
    table.remove(name, sandbox.reason);
    return;
  }
  const error = removed.left;
  if (error.type === 'BackendUnavailable') health.unavailable(error.message);
  const failures = (removals.get(uid)?.failures ?? 0) + 1;
  removals.set(uid, { failures, retryAt: clock.monotonic() + backoffMs(RETRY, failures) });
  // once for each sandbox: it is tried again until it works
  if (failures === 1) {
    const fields = { pool: poolKeyText(pool), sandbox: name, uid, error: error.message };
    logger.warn(fields, 'a sandbox could not be removed; trying again');
  }
};

/** Milliseconds until the next try to remove the sandbox; 0 when it is time. */
export const untilRemoval = ({ removals, clock }: PoolContext, uid: string): number =>
  Math.max(0, (removals.get(uid)?.retryAt ?? 0) - clock.monotonic());
