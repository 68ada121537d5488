import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { threadKey } from '../core/lease/identity.js';
import type { LeaseIdentity } from '../ports/lease-store.js';
import { createLeaseAcquire } from './lease-acquire.js';
import { createLeaseAcquisitions } from './lease-acquisitions.js';
import { createLeaseBook } from './lease-book.js';
import type { LeaseContext, LeaseControllerDeps } from './lease-context.js';
import { createLeaseDeadlines } from './lease-deadlines.js';
import { createLeaseEndings, type LeaseEndings, nextLook } from './lease-endings.js';
import { type LeaseEntry, leaseEntry } from './lease-entry.js';
import { createLeasePools } from './lease-pools.js';
import { createLeaseQueue } from './lease-queue.js';
import { stopping } from './lease-refusals.js';
import { failLostSandbox, type ReservedSandbox, reserveSandbox } from './lease-sandboxes.js';
import { startLeases } from './lease-start.js';
import { createLeaseTimers } from './lease-timers.js';
import { createLeaseTurns } from './lease-turns.js';
import { createLeaseWrites } from './lease-writes.js';
import type { LeaseController, ReleaseError } from './leases.js';

export type { LeaseControllerDeps } from './lease-context.js';

/** The lease controller with what its owner needs beside the leases themselves. */
export interface RunningLeases extends LeaseController {
  /**
   * To be called once, when the table shows the sandboxes that exist: ends leases whose sandbox or pool
   * is gone, and from then on follows table, pools and time until `signal` aborts. Leases can be used
   * before.
   */
  readonly start: (signal: AbortSignal) => void;
  /** From now on acquiring gives `Stopping`, to those who wait, too. Releasing still works. */
  readonly stop: () => void;
  /** Resolves when no command runs, or after `ms` milliseconds. */
  readonly waitForCommands: (ms: number) => Promise<void>;
  /** The sandbox does not exist any more: what is remembered of it goes. */
  readonly forgetSandbox: (uid: string) => void;
  /** Leases that the sandbox has had, the present one included. */
  readonly recordedLeases: (uid: string) => number;
  /** Sandboxes that are some thread's. Follows changes. */
  readonly liveUids: () => ReadonlySet<string>;
  /** Waits for changes under way, and writes down what nobody has waited for. */
  readonly flush: () => Promise<void>;
  /** Ends all leases (`Released`); Right holds how many. The first failure to write is the answer, but all are tried. */
  readonly releaseAll: TaskEither<ReleaseError, number>;
}

/** A store that lost its counter must not lead to numbers that were used already. */
const highestEpoch = ({ stored }: LeaseControllerDeps): number =>
  stored.leases.reduce((highest, { epoch }) => Math.max(highest, epoch), stored.lastEpoch);

const createContext = (
  deps: LeaseControllerDeps,
  sweep: () => number | undefined,
): LeaseContext => {
  const { clock, store, logger, stored, pools, ...rest } = deps;
  const book = createLeaseBook();
  const turns = createLeaseTurns();
  const timers = createLeaseTimers(clock);
  for (const record of stored.leases) book.add(leaseEntry(record));
  return {
    ...rest,
    clock,
    store,
    logger,
    pools: createLeasePools(pools, clock),
    book,
    turns,
    timers,
    deadlines: createLeaseDeadlines({ clock, timers, sweep }),
    writes: createLeaseWrites({ store, book, turns, timers, logger }),
    leaseCounts: new Map(stored.sandboxes.map(({ uid, leases }) => [uid, leases])),
    reserved: new Set(),
    state: { started: false, stopped: false, lastEpoch: highestEpoch(deps) },
  };
};

/** Ends what is over; the answer is when to look again. */
const sweepLeases = (context: LeaseContext, endings: LeaseEndings): number | undefined => {
  let next: number | undefined;
  for (const entry of context.book.all()) {
    if (endings.check(entry)) continue;
    const at = nextLook(context, entry);
    if (at !== undefined) next = Math.min(next ?? at, at);
  }
  return next;
};

/** Binds threads to sandboxes; begins with the leases that the store held. */
export const createLeaseController = (deps: LeaseControllerDeps): RunningLeases => {
  const context = createContext(deps, () => sweepLeases(context, endings));
  const { book, turns, timers, writes, state, leaseCounts, clock, metrics, kick } = context;
  const endings = createLeaseEndings(context);
  const queue = createLeaseQueue<ReservedSandbox>({
    clock,
    timers,
    metrics,
    reserve: (pool) => reserveSandbox(context, pool),
    onChange: kick,
  });
  const acquisitions = createLeaseAcquisitions(context, endings, queue);
  const acquire = createLeaseAcquire(context, endings, acquisitions);

  const live = (lease: LeaseIdentity): LeaseEntry | undefined => {
    const entry = book.get(threadKey(lease));
    return entry === undefined || endings.check(entry) ? undefined : entry;
  };

  return {
    acquire: (request, signal) => () => acquire(request, signal),
    release: (lease, epoch) => () => endings.release(lease, epoch),
    condemn: (lease, epoch) => {
      const entry = book.get(threadKey(lease));
      if (entry === undefined || entry.record.epoch !== epoch) return;
      entry.condemned = true;
      endings.check(entry);
    },
    lost: (lease, epoch) => {
      const entry = book.get(threadKey(lease));
      if (entry === undefined || entry.record.epoch !== epoch || entry.ending !== undefined) return;
      // an operator that stops lets go of its sandboxes, which looks the same
      if (state.stopped) return;
      failLostSandbox(context, entry.record.sandbox.uid);
      endings.check(entry);
    },
    find: (lease) => live(lease)?.record,
    list: (pool) =>
      book
        .ofPool(pool)
        .filter((entry) => !endings.check(entry))
        .map(({ record }) => record),
    begin: endings.activities.begin,
    queueLength: queue.length,
    start: (signal) => startLeases({ context, endings, queue, pools: deps.pools }, signal),
    stop: () => {
      state.stopped = true;
      queue.refuse(stopping());
    },
    waitForCommands: endings.activities.waitForAll,
    forgetSandbox: (uid) => {
      leaseCounts.delete(uid);
      writes.sandboxGone(uid);
    },
    recordedLeases: (uid) => leaseCounts.get(uid) ?? 0,
    liveUids: () => book.uids,
    flush: async () => {
      await turns.idle();
      await writes.flush();
    },
    releaseAll: async () => {
      const all = [...book.all()];
      const released = await Promise.all(all.map(({ record }) => endings.release(record)));
      return released.find(E.isLeft) ?? E.right(released.length);
    },
  };
};
