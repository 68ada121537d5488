import type { PoolKey } from '../api/pool-key.js';
import type { KeyedJobs } from '../runtime/keyed-jobs.js';
import type { BoundedRunner } from '../runtime/run-bounded.js';
import type { BackendHealth } from './backend-health.js';
import type { CreationRecords } from './creation-records.js';
import type { CreationSlots } from './creation-slots.js';
import type { PoolReconcilerDeps } from './pool-reconciler-deps.js';
import type { Sightings } from './sightings.js';

/** What the steps of keeping pools share. */
export interface PoolContext extends PoolReconcilerDeps {
  readonly health: BackendHealth;
  readonly records: CreationRecords;
  readonly slots: CreationSlots;
  readonly sightings: Sightings;
  /** One job per sandbox, keyed by name. */
  readonly jobs: KeyedJobs;
  readonly warming: BoundedRunner;
  readonly removing: BoundedRunner;
  /** What creations are at, for people: by pool, then by sandbox. */
  readonly progress: Map<string, Map<string, string>>;
  /**
   * Creations that ended without a sandbox, by name, with the number of listings begun by then. They
   * count until a later listing tells whether the backend made one after all.
   */
  readonly unresolved: Map<string, number>;
  /** Failed removals, by uid. */
  readonly removals: Map<string, { readonly failures: number; readonly retryAt: number }>;
  readonly poke: (pool: PoolKey) => void;
  /** Asks for a look at the backend soon. */
  readonly relist: () => void;
}
