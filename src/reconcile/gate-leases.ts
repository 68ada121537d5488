import * as TE from 'fp-ts/lib/TaskEither.js';
import type { LeaseController } from './leases.js';

/**
 * Refuses to bind threads as long as `closedBecause` says why: before the sandboxes of the last run are
 * taken over, a lease could be given up for lost whose sandbox is merely not known yet.
 */
export const gateLeases = (
  leases: LeaseController,
  closedBecause: () => string | undefined,
): LeaseController => ({
  ...leases,
  acquire: (request, signal) => {
    const message = closedBecause();
    return message === undefined
      ? leases.acquire(request, signal)
      : TE.left({ type: 'Stopping', message });
  },
});
