import * as E from 'fp-ts/lib/Either.js';
import { poolKeyText } from '../api/pool-key.js';
import { threadKey } from '../core/lease/identity.js';
import type { LeaseRecord, StoreFailed } from '../ports/lease-store.js';
import type { LeaseContext } from './lease-context.js';
import type { LeaseEndings } from './lease-endings.js';
import { leaseEntry, leaseFields } from './lease-entry.js';
import { poolGone, stopping } from './lease-refusals.js';
import { type ReservedSandbox, unreserveSandbox } from './lease-sandboxes.js';
import type { AcquireRequest, Stopping } from './leases.js';

/** What came of a reservation: a lease; or nothing, as the sandbox was lost before its lease was on record. */
export type GrantOutcome = E.Either<StoreFailed | Stopping, LeaseRecord | 'SandboxLost'>;

/** How many leases the sandbox will have had with this one. */
const countWith = ({ table, leaseCounts }: LeaseContext, uid: string): number =>
  Math.max(table.get(uid)?.leases ?? 0, leaseCounts.get(uid) ?? 0) + 1;

const newRecord = (
  { pools, clock, state }: LeaseContext,
  request: AcquireRequest,
  sandbox: ReservedSandbox,
): LeaseRecord | undefined => {
  const stored = pools.current(request.pool);
  if (stored === undefined) return undefined;
  const now = clock.now();
  const seconds = request.durationSeconds ?? stored.pool.spec.lease.durationSeconds;
  // a number that is used for a lease that then fails is lost: gaps do no harm, a second use would
  state.lastEpoch += 1;
  return {
    pool: request.pool,
    tenant: request.tenant,
    thread: request.thread,
    sandbox: { uid: sandbox.uid, name: sandbox.name },
    epoch: state.lastEpoch,
    acquiredAt: now,
    expiresAt: now + seconds * 1000,
    lastActiveAt: now,
    labels: { ...request.labels },
  };
};

/**
 * Makes a lease of a reserved sandbox: durable first, then known. If that fails the sandbox is ready
 * again. To be run in the thread's turn.
 */
export const grantLease = async (
  context: LeaseContext,
  endings: LeaseEndings,
  request: AcquireRequest,
  sandbox: ReservedSandbox,
): Promise<GrantOutcome> => {
  const { store, table, book, reserved, leaseCounts, state, logger } = context;
  const { uid } = sandbox;
  const refuse = (error: StoreFailed | Stopping): GrantOutcome => {
    unreserveSandbox(context, uid);
    return E.left(error);
  };
  // a lease that could not be ended for good is still the thread's on record
  const before = book.get(threadKey(request));
  if (before?.storeFailure !== undefined) return refuse(before.storeFailure);
  if (state.stopped) return refuse(stopping());
  const record = newRecord(context, request, sandbox);
  if (record === undefined) return refuse(poolGone(request.pool));

  const leases = countWith(context, uid);
  const written = await store.commit({
    putLeases: [record],
    putSandboxes: [{ uid, leases }],
    lastEpoch: record.epoch,
  })();
  if (E.isLeft(written)) {
    const fields = { ...leaseFields(record), error: written.left.message };
    logger.error(fields, 'a lease could not be written down');
    return refuse(written.left);
  }

  const entry = leaseEntry(record);
  book.add(entry);
  reserved.delete(uid);
  leaseCounts.set(uid, leases);
  table.setLeases(uid, leases);
  table.note(uid, `to thread ${record.thread} of ${record.tenant}, epoch ${record.epoch}`);
  logger.info(leaseFields(record), 'lease granted');
  if (!endings.check(entry)) return E.right(record);
  if (entry.ending === 'SandboxLost') return E.right('SandboxLost');
  return E.left(
    stopping(`the lease on ${poolKeyText(record.pool)} ended at once: ${entry.ending}`),
  );
};
