import type { PoolKey } from '../api/pool-key.js';
import type { Execute } from '../exec/execute.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { PoolStore } from '../ports/pool-store.js';
import type { Random } from '../ports/random.js';
import type { LeaseController } from '../reconcile/leases.js';
import type { SandboxTable } from '../reconcile/sandbox-table.js';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, for people; empty when ready. */
  readonly reasons: readonly string[];
}

/** What the gateway puts on HTTP. */
export interface GatewayDeps {
  readonly pools: PoolStore;
  readonly leases: LeaseController;
  readonly table: SandboxTable;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** All figures in the text format of Prometheus. */
  readonly metricsText: () => Promise<string>;
  readonly readiness: () => Readiness;
  /** What a pool is busy with, for people: `pulling python:3.13-alpine: 12 of 48 MB`. */
  readonly progress?: (pool: PoolKey) => string | undefined;
  /** Callers must present it as a bearer token. Without one the gateway listens on this machine only. */
  readonly token?: string;
  /** Whose leases these are; `default` in local mode. */
  readonly tenant: string;
  readonly version: string;
}
