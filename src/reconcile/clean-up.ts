import * as E from 'fp-ts/lib/Either.js';
import type { LeaseStore } from '../ports/lease-store.js';
import type { Logger } from '../ports/logger.js';
import type { PoolReconciler } from './pool-reconciler.js';

/** Something that was to be removed is still there. */
export interface CleanUpFailed {
  readonly type: 'CleanUpFailed';
  readonly message: string;
}

const failed = (message: string): E.Either<CleanUpFailed, never> =>
  E.left({ type: 'CleanUpFailed', message });

/** Ends all leases and removes all sandboxes, for `--cleanup`. To be called when the controllers have stopped. */
export const cleanUp = async (parts: {
  readonly reconciler: Pick<PoolReconciler, 'removeEverything'>;
  readonly store: LeaseStore;
  readonly logger: Logger;
}): Promise<E.Either<CleanUpFailed, void>> => {
  const { reconciler, store, logger } = parts;
  const removed = await reconciler.removeEverything();
  const forgotten = await forgetLeases(store, E.isRight(removed));
  if (E.isLeft(removed)) {
    logger.error({ error: removed.left }, 'sandboxes could not be removed');
    return failed(`not all sandboxes could be removed: ${removed.left.message}`);
  }
  logger.info({ sandboxes: removed.right }, 'removed all sandboxes');
  return forgotten;
};

/** A sandbox that is still there was perhaps used: its record keeps it from being handed on. */
const forgetLeases = async (
  store: LeaseStore,
  allRemoved: boolean,
): Promise<E.Either<CleanUpFailed, void>> => {
  const left = await store.load();
  if (E.isLeft(left)) return failed(`the leases could not be ended: ${left.left.message}`);
  const { leases: deleteLeases, sandboxes } = left.right;
  const deleteSandboxes = allRemoved ? sandboxes.map(({ uid }) => uid) : [];
  const written = await store.commit({ deleteLeases, deleteSandboxes })();
  return E.isLeft(written)
    ? failed(`the leases could not be ended: ${written.left.message}`)
    : E.right(undefined);
};
