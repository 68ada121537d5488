import type { PoolKey } from '../api/pool-key.js';
import type { Clock } from '../ports/clock.js';
import type { LeaseStore, StoredState } from '../ports/lease-store.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { PoolStore } from '../ports/pool-store.js';
import type { Random } from '../ports/random.js';
import type { LeaseBook } from './lease-book.js';
import type { LeaseDeadlines } from './lease-deadlines.js';
import type { LeasePools } from './lease-pools.js';
import type { LeaseTimers } from './lease-timers.js';
import type { LeaseTurns } from './lease-turns.js';
import type { LeaseWrites } from './lease-writes.js';
import type { SandboxTable } from './sandbox-table.js';

/** What binding threads to sandboxes needs from the rest of the program. */
export interface LeaseControllerDeps {
  readonly pools: PoolStore;
  readonly table: SandboxTable;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What the store held at the start. */
  readonly stored: StoredState;
  /** Something that the pool's planner looks at has changed: its queue, or one of its leases. */
  readonly kick: (pool: PoolKey) => void;
}

/** What the parts of the lease controller share. */
export interface LeaseContext extends Omit<LeaseControllerDeps, 'pools' | 'stored'> {
  readonly pools: LeasePools;
  readonly book: LeaseBook;
  readonly turns: LeaseTurns;
  readonly timers: LeaseTimers;
  readonly deadlines: LeaseDeadlines;
  readonly writes: LeaseWrites;
  /** Leases that each sandbox has had, by uid. */
  readonly leaseCounts: Map<string, number>;
  /** Sandboxes reserved for threads whose lease is not written down yet. */
  readonly reserved: Set<string>;
  readonly state: {
    /** The table shows all sandboxes that exist: one that it does not show is lost. */
    started: boolean;
    /** No new work is taken. */
    stopped: boolean;
    lastEpoch: number;
  };
}
