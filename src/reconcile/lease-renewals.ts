import * as E from 'fp-ts/lib/Either.js';
import { labelLease, renewLease } from '../core/lease/transition.js';
import type { LeaseRecord, StoreFailed } from '../ports/lease-store.js';
import type { LeaseContext } from './lease-context.js';
import type { LeaseEndings } from './lease-endings.js';
import type { LeaseEntry } from './lease-entry.js';
import { poolGone } from './lease-refusals.js';
import type { AcquireRequest, Stopping } from './leases.js';

/** `LeaseOver`: it ended before the change was on record, so the caller needs another lease. */
export type RenewalOutcome = E.Either<StoreFailed | Stopping, LeaseRecord | 'LeaseOver'>;

const asksToRenew = (request: AcquireRequest): boolean =>
  request.renew || request.durationSeconds !== undefined;

/** Whether the request wants nothing of the lease but to know it. */
export const changesNothing = (record: LeaseRecord, request: AcquireRequest): boolean =>
  !asksToRenew(request) && labelLease(record, request.labels ?? {}) === record;

/** Renews and labels a live lease as asked. To be run in the thread's turn. */
export const renewLeaseNow = async (
  { book, pools, store, clock }: LeaseContext,
  endings: LeaseEndings,
  entry: LeaseEntry,
  request: AcquireRequest,
): Promise<RenewalOutcome> => {
  if (!book.has(entry) || endings.check(entry)) return E.right('LeaseOver');
  const stored = pools.current(entry.record.pool);
  // it ends when the pool is drained, whatever its record said
  if (stored === undefined) return E.left(poolGone(entry.record.pool));
  const labels = request.labels ?? {};
  const { durationSeconds } = request;
  const record = asksToRenew(request)
    ? renewLease(entry.record, {
        now: clock.now(),
        defaultSeconds: stored.pool.spec.lease.durationSeconds,
        labels,
        ...(durationSeconds === undefined ? {} : { durationSeconds }),
      })
    : labelLease(entry.record, labels);
  const written = await store.commit({ putLeases: [record] })();
  if (E.isLeft(written)) return written;
  // commands may have ended meanwhile
  const lastActiveAt = Math.max(record.lastActiveAt, entry.record.lastActiveAt);
  entry.record = { ...record, lastActiveAt };
  return E.right(endings.check(entry) ? 'LeaseOver' : entry.record);
};
