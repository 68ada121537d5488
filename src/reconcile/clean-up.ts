import * as E from 'fp-ts/lib/Either.js';
import type { LeaseStore } from '../ports/lease-store.js';
import type { Logger } from '../ports/logger.js';
import type { PoolReconciler } from './pool-reconciler.js';

/** Ends all leases and removes all sandboxes, for `--cleanup`. To be called when the controllers have stopped. */
export const cleanUp = async (parts: {
  readonly reconciler: Pick<PoolReconciler, 'removeEverything'>;
  readonly store: LeaseStore;
  readonly logger: Logger;
}): Promise<void> => {
  const { reconciler, store, logger } = parts;
  const removed = await reconciler.removeEverything();
  const left = await store.load();
  if (E.isRight(left)) {
    const { leases: deleteLeases, sandboxes } = left.right;
    // a sandbox that is still there was perhaps used: its record keeps it from being handed on
    const deleteSandboxes = E.isRight(removed) ? sandboxes.map(({ uid }) => uid) : [];
    await store.commit({ deleteLeases, deleteSandboxes })();
  }
  if (E.isRight(removed)) {
    logger.info({ sandboxes: removed.right }, 'removed all sandboxes');
  } else {
    logger.error({ error: removed.left }, 'sandboxes could not be removed');
  }
};
