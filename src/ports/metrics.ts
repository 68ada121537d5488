import type { PoolKey } from '../api/pool-key.js';
import type { Phase } from '../core/pool/sandbox.js';

/** How one command ended, as metrics and logs name it. */
export type CommandOutcomeName = 'succeeded' | 'failed' | 'timed-out' | 'canceled' | 'error';

/** What is counted of a command that ended. */
export interface CommandFigures {
  readonly outcome: CommandOutcomeName;
  readonly via: 'shell' | 'engine';
  /** From handing it over until its end was known. */
  readonly seconds: number;
  /** What was spent on it outside that and outside the queue: finding the lease, waiting for a free shell. Unknown when the command ended with an error. */
  readonly overheadSeconds?: number;
}

/** Where figures go. Times are in seconds, as Prometheus wants them. */
export interface Metrics {
  /** Sandboxes of a pool by phase, all phases given; replaces what was said before. */
  readonly poolSizes: (
    pool: PoolKey,
    sizes: Readonly<Record<Phase, number>>,
    desired: number,
  ) => void;
  /** The pool is gone: its series go too. */
  readonly forgetPool: (pool: PoolKey) => void;
  /** A lease was granted: at once from the warm buffer (`hit`) or after waiting; or refused. */
  readonly leaseGranted: (pool: PoolKey, hit: boolean, waitedSeconds: number) => void;
  readonly leaseRefused: (pool: PoolKey, reason: string) => void;
  readonly leaseEnded: (pool: PoolKey, reason: string) => void;
  readonly queueLength: (pool: PoolKey, length: number) => void;
  readonly command: (pool: PoolKey, command: CommandFigures) => void;
  readonly sandboxCreated: (pool: PoolKey, seconds: number) => void;
  readonly sandboxCreateFailed: (pool: PoolKey, reason: string) => void;
  readonly sandboxRecycled: (pool: PoolKey, reason: string) => void;
}
