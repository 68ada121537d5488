import type { PoolKey } from '../api/pool-key.js';
import type { SandboxPool, SandboxPoolStatus } from '../api/sandbox-pool.js';

/**
 * A pool as its store holds it. `generation` rises whenever the spec changes; `deleting` is a pool
 * whose manifest is gone while sandboxes or leases of it may be left.
 */
export interface StoredPool {
  readonly key: PoolKey;
  readonly pool: SandboxPool;
  readonly generation: number;
}

/** Where pools come from: manifest files locally, the API server in a cluster. Reads answer from memory. */
export interface PoolStore {
  readonly get: (key: PoolKey) => StoredPool | undefined;
  readonly list: () => readonly StoredPool[];
  /** Remembers the status of a pool, and publishes it if it changed. */
  readonly putStatus: (key: PoolKey, status: SandboxPoolStatus) => void;
  readonly getStatus: (key: PoolKey) => SandboxPoolStatus | undefined;
  /** Calls with the key of each pool that appeared, changed or went, until `signal` aborts. */
  readonly watch: (onChange: (key: PoolKey) => void, signal: AbortSignal) => Promise<void>;
}
