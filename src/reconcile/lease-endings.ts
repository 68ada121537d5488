import * as E from 'fp-ts/lib/Either.js';
import { leaseEnd, overBecause } from '../core/lease/deadline.js';
import { threadKey } from '../core/lease/identity.js';
import type { LeaseIdentity, StoreFailed } from '../ports/lease-store.js';
import { backoffMs } from '../runtime/backoff.js';
import { createLeaseActivities, type LeaseActivities } from './lease-activities.js';
import type { LeaseContext } from './lease-context.js';
import { identityOf, type LeaseEntry, leaseFields } from './lease-entry.js';
import { sendBack } from './lease-sandboxes.js';
import type { LeaseEndReason, ReleaseError } from './leases.js';

/** How leases end. */
export interface LeaseEndings {
  /** The lease is over from now on; its record goes as soon as the store allows. */
  readonly end: (entry: LeaseEntry, reason: LeaseEndReason) => void;
  /** Waits for the end of a lease that is over, trying once more where the store refused it. Left: it refuses still. */
  readonly ended: (entry: LeaseEntry) => Promise<E.Either<StoreFailed, void>>;
  /** Ends the lease if it is over; true if it is. */
  readonly check: (entry: LeaseEntry) => boolean;
  readonly release: (
    lease: LeaseIdentity,
    epoch?: number,
  ) => Promise<E.Either<ReleaseError, boolean>>;
  readonly activities: LeaseActivities;
}

/** A disk that is full may be cleared by a person, so trying goes on for ever. */
const RETRY = { firstMs: 500, longestMs: 30_000 };

const idleTimeoutSeconds = ({ pools }: LeaseContext, entry: LeaseEntry): number =>
  pools.latest(entry.record.pool)?.pool.spec.lease.idleTimeoutSeconds ?? Number.POSITIVE_INFINITY;

/** When a deleted pool's leases must end. Before the start that could not be helped yet: nothing is known of sandboxes. */
const drainEnd = ({ pools, state }: LeaseContext, entry: LeaseEntry): number =>
  (state.started ? pools.drainedAt(entry.record.pool) : undefined) ?? Number.POSITIVE_INFINITY;

/** Why the lease is over; undefined while it lives. */
const whyOver = (context: LeaseContext, entry: LeaseEntry): LeaseEndReason | undefined => {
  const { table, clock, state } = context;
  const { record, commands } = entry;
  if (entry.condemned) return 'Unkillable';
  if (state.started && table.get(record.sandbox.uid)?.phase !== 'Leased') return 'SandboxLost';
  const now = clock.now();
  if (drainEnd(context, entry) <= now) return 'PoolDeleted';
  const times = { ...record, running: commands.size };
  return overBecause(times, idleTimeoutSeconds(context, entry), now);
};

/** When the lease is to be looked at next; undefined if something other than time will tell. */
export const nextLook = (context: LeaseContext, entry: LeaseEntry): number | undefined => {
  if (entry.ending !== undefined) return undefined;
  const ends =
    entry.commands.size > 0
      ? Number.POSITIVE_INFINITY
      : leaseEnd(entry.record, idleTimeoutSeconds(context, entry)).at;
  const at = Math.min(drainEnd(context, entry), ends);
  return Number.isFinite(at) ? at : undefined;
};

export const createLeaseEndings = (context: LeaseContext): LeaseEndings => {
  const { book, turns, timers, store, pools, random, logger, metrics, kick } = context;

  /** One try to end a lease for good. To be run in the thread's turn. */
  const conclude = async (
    entry: LeaseEntry,
    reason: LeaseEndReason,
  ): Promise<E.Either<StoreFailed, void>> => {
    const quiet = await activities.cancel(entry, reason);
    const written = await store.commit({ deleteLeases: [identityOf(entry.record)] })();
    if (E.isLeft(written)) return written;
    book.remove(entry);
    // condemned while its commands were waited for: then that is why
    const final = entry.condemned ? 'Unkillable' : reason;
    const { pool, sandbox } = entry.record;
    sendBack(context, { uid: sandbox.uid, pool, reason: final, quiet });
    metrics.leaseEnded(pool, final);
    logger.info({ ...leaseFields(entry.record), reason: final }, 'lease ended');
    if (book.ofPool(pool).length === 0) pools.forget(pool);
    kick(pool);
    return E.right(undefined);
  };

  const endInTurn = (entry: LeaseEntry): Promise<E.Either<StoreFailed, void>> =>
    turns.run(entry.key, async () => {
      // a release may have been there first; or it failed, and the lease lives on
      if (!book.has(entry) || entry.ending === undefined) return E.right(undefined);
      const done = await conclude(entry, entry.ending);
      if (E.isLeft(done)) entry.storeFailure = done.left;
      return done;
    });

  const tryToEnd = async (
    entry: LeaseEntry,
    reason: LeaseEndReason,
    failures: number,
  ): Promise<void> => {
    const done = await endInTurn(entry);
    if (E.isRight(done)) return;
    if (failures === 0) {
      const fields = { ...leaseFields(entry.record), reason, error: done.left.message };
      logger.warn(fields, 'the end of a lease could not be written down; trying again');
    }
    // leases that ended together are not all to try again together
    const ms = backoffMs(RETRY, failures + 1) * (0.5 + random.fraction() / 2);
    timers.after(ms, () => {
      void tryToEnd(entry, reason, failures + 1);
    });
  };

  const end = (entry: LeaseEntry, reason: LeaseEndReason): void => {
    if (entry.ending !== undefined) return;
    entry.ending = reason;
    void tryToEnd(entry, reason, 0);
  };

  const check = (entry: LeaseEntry): boolean => {
    if (entry.ending !== undefined) return true;
    const reason = whyOver(context, entry);
    if (reason !== undefined) {
      end(entry, reason);
      return true;
    }
    const at = nextLook(context, entry);
    if (at !== undefined) context.deadlines.expect(at);
    return false;
  };

  const releaseNow = async (
    key: string,
    epoch: number | undefined,
  ): Promise<E.Either<ReleaseError, boolean>> => {
    const entry = book.get(key);
    if (entry === undefined) return E.right(false);
    const current = entry.record.epoch;
    if (epoch !== undefined && epoch !== current) {
      const message = `the lease has epoch ${current}, not ${epoch}: another one has taken its place`;
      return E.left({ type: 'Fenced', message, epoch: current });
    }
    const before = entry.ending;
    entry.ending = before ?? 'Released';
    const done = await conclude(entry, entry.ending);
    if (E.isRight(done)) return E.right(true);
    entry.ending = before;
    // what would have ended it meanwhile does so now
    if (before === undefined) check(entry);
    return done;
  };

  const activities = createLeaseActivities(context, check);
  return {
    end,
    ended: async (entry) => {
      await turns.settled(entry.key);
      return entry.storeFailure === undefined ? E.right(undefined) : endInTurn(entry);
    },
    check,
    activities,
    release: (lease, epoch) => {
      const key = threadKey(lease);
      return turns.run(key, () => releaseNow(key, epoch));
    },
  };
};
