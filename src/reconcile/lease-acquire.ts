import * as E from 'fp-ts/lib/Either.js';
import { threadKey } from '../core/lease/identity.js';
import { untilAborted } from './lease-abort.js';
import type { LeaseAcquisitions } from './lease-acquisitions.js';
import type { LeaseContext } from './lease-context.js';
import type { LeaseEndings } from './lease-endings.js';
import type { LeaseEntry } from './lease-entry.js';
import { canceled, poolGone, poolUnknown, stopping } from './lease-refusals.js';
import { changesNothing, renewLeaseNow } from './lease-renewals.js';
import type { AcquireError, AcquireRequest, Grant } from './leases.js';

/** Undefined where things changed meanwhile and another look is needed. */
type Look = Promise<E.Either<AcquireError, Grant> | undefined>;

/** Finds, renews or makes the lease of a thread. */
export const createLeaseAcquire = (
  context: LeaseContext,
  endings: LeaseEndings,
  acquisitions: LeaseAcquisitions,
) => {
  const { book, pools, turns, clock, state } = context;

  const withoutLease = async (
    request: AcquireRequest,
    signal: AbortSignal | undefined,
  ): Promise<Awaited<Look>> => {
    const { pool } = request;
    if (pools.current(pool) !== undefined) return acquisitions.join(request, signal);
    // while leases of it are left the pool is on its way out, not unknown
    return E.left(book.ofPool(pool).length > 0 ? poolGone(pool) : poolUnknown(pool));
  };

  const withLease = async (request: AcquireRequest, entry: LeaseEntry): Promise<Awaited<Look>> => {
    if (endings.check(entry)) {
      const ended = await endings.ended(entry);
      return E.isLeft(ended) ? ended : undefined;
    }
    if (changesNothing(entry.record, request)) {
      return E.right({ lease: entry.record, created: false, queueMs: 0 });
    }
    const renewed = await turns.run(entry.key, () =>
      renewLeaseNow(context, endings, entry, request),
    );
    if (E.isLeft(renewed)) return renewed;
    if (renewed.right === 'LeaseOver') return undefined;
    return E.right({ lease: renewed.right, created: false, queueMs: 0 });
  };

  return async (
    request: AcquireRequest,
    signal?: AbortSignal,
  ): Promise<E.Either<AcquireError, Grant>> => {
    const start = clock.monotonic();
    for (let looks = 1; ; looks += 1) {
      if (signal?.aborted === true) return E.left(canceled());
      if (state.stopped) return E.left(stopping());
      const entry = book.get(threadKey(request));
      const acquired =
        entry === undefined
          ? await withoutLease(request, signal)
          : await untilAborted(withLease(request, entry), signal);
      if (acquired === undefined) continue;
      if (E.isLeft(acquired) || looks === 1) return acquired;
      // it waited for what another caller of its thread had begun
      return E.right({ ...acquired.right, queueMs: clock.monotonic() - start });
    }
  };
};
