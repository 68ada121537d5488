import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PoolKey } from '../api/pool-key.js';
import { threadKey } from '../core/lease/identity.js';
import type { LeaseIdentity, LeaseRecord } from '../ports/lease-store.js';
import { createLeaseAcquire } from './lease-acquire.js';
import { createLeaseAcquisitions } from './lease-acquisitions.js';
import { createLeaseBook } from './lease-book.js';
import type { LeaseContext, LeaseControllerDeps } from './lease-context.js';
import { createLeaseDeadlines } from './lease-deadlines.js';
import { createLeaseEndings, nextLook } from './lease-endings.js';
import { leaseEntry } from './lease-entry.js';
import { createLeasePools } from './lease-pools.js';
import { createLeaseQueue } from './lease-queue.js';
import { stopping } from './lease-refusals.js';
import { reserveSandbox } from './lease-sandboxes.js';
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
   * before. Resolves at the end.
   */
  readonly start: (signal: AbortSignal) => Promise<void>;
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

const createContext = (deps: LeaseControllerDeps, sweep: LeaseContext['sweep']): LeaseContext => {
  const { clock, store, logger, stored } = deps;
  const book = createLeaseBook();
  const turns = createLeaseTurns();
  const timers = createLeaseTimers(clock);
  for (const record of stored.leases) book.add(leaseEntry(record));
  return {
    ...deps,
    pools: createLeasePools(deps.pools, clock),
    poolStore: deps.pools,
    book,
    turns,
    timers,
    sweep,
    deadlines: createLeaseDeadlines({ clock, timers, sweep }),
    writes: createLeaseWrites({ store, book, turns, timers, logger }),
    leaseCounts: new Map(stored.sandboxes.map(({ uid, leases }) => [uid, leases])),
    reserved: new Set(),
    state: { started: false, stopped: false, lastEpoch: highestEpoch(deps) },
  };
};
