import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PoolKey } from '../api/pool-key.js';

/** Who holds which sandbox and until when. All times are milliseconds since 1970. */
export interface LeaseRecord {
  readonly pool: PoolKey;
  /** Who asks: one live lease per pool, tenant and thread. */
  readonly tenant: string;
  readonly thread: string;
  readonly sandbox: { readonly uid: string; readonly name: string };
  /** Fencing number: rises with every lease over the whole installation. */
  readonly epoch: number;
  readonly acquiredAt: number;
  readonly expiresAt: number;
  /** When the last command ended or the lease was last renewed. Written coalesced: may lag by some seconds. */
  readonly lastActiveAt: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is remembered of a sandbox as long as it exists. */
export interface SandboxRecord {
  readonly uid: string;
  /** How many leases it has had, the present one included. */
  readonly leases: number;
}

export interface StoredState {
  readonly leases: readonly LeaseRecord[];
  readonly sandboxes: readonly SandboxRecord[];
  /** The highest epoch ever given; 0 at first. */
  readonly lastEpoch: number;
}

/** All of it becomes durable, or none. */
export interface LeaseChange {
  readonly putLeases?: readonly LeaseRecord[];
  /** The leases of these threads end. */
  readonly deleteLeases?: readonly LeaseIdentity[];
  readonly putSandboxes?: readonly SandboxRecord[];
  readonly deleteSandboxes?: readonly string[];
  readonly lastEpoch?: number;
}

export interface LeaseIdentity {
  readonly pool: PoolKey;
  readonly tenant: string;
  readonly thread: string;
}

/** The store could not make a change durable (disk full, for one); the change did not happen. */
export interface StoreFailed {
  readonly type: 'StoreFailed';
  readonly message: string;
  readonly cause?: unknown;
}

export interface LeaseStore {
  /** Everything that is stored; damaged content is a failure, never an empty answer. */
  readonly load: TaskEither<StoreFailed, StoredState>;
  /** Resolves right once the change is on disk. Changes apply in the order of the calls. */
  readonly commit: (change: LeaseChange) => TaskEither<StoreFailed, void>;
  /** Flushes and lets go of the files. */
  readonly close: () => Promise<void>;
}
