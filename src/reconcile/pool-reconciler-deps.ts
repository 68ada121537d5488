import type { PoolKey } from '../api/pool-key.js';
import type { SandboxExec } from '../exec/sandbox-exec.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { PoolStore } from '../ports/pool-store.js';
import type { Random } from '../ports/random.js';
import type { SandboxBackend } from '../ports/sandbox-backend.js';
import type { SandboxTable } from './sandbox-table.js';

/** What keeping pools needs from the rest of the program. */
export interface PoolReconcilerDeps {
  readonly backend: SandboxBackend;
  readonly pools: PoolStore;
  readonly table: SandboxTable;
  readonly exec: SandboxExec;
  /** Callers that wait for a sandbox of the pool. */
  readonly queueLength: (pool: PoolKey) => number;
  /** Leases that a sandbox has had according to the lease store; 0 for an unknown one. */
  readonly recordedLeases: (uid: string) => number;
  /** The sandbox does not exist any more: what is remembered of it can go. */
  readonly forgetSandbox: (uid: string) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Sets the names of this installation's sandboxes apart from those of others on the same engine. */
  readonly installation: string;
}
