import type { PoolKey } from '../../api/pool-key.js';

/** Where a sandbox is in its life. */
export type Phase =
  /** Being made, started or warmed (its shells are opening). */
  | 'Creating'
  /** Warm, nobody's: may be leased or retired. */
  | 'Ready'
  /** Some thread's, or reserved for one whose lease is being written down. Never retired. */
  | 'Leased'
  /** Given back and being cleaned for the next thread. */
  | 'Resetting'
  /** Reserved for removal, or being removed. Nothing leads out of it. */
  | 'Terminating'
  /** Stopped by itself, or would not warm: to be removed. */
  | 'Failed'
  /** Kept for a look, out of service. */
  | 'Quarantined';

export const PHASES: readonly Phase[] = [
  'Creating',
  'Ready',
  'Leased',
  'Resetting',
  'Terminating',
  'Failed',
  'Quarantined',
];

/** Why a sandbox is retired, as metrics, logs and the timeline say it. */
export type RecycleReason =
  | 'Released'
  | 'MaxAge'
  | 'MaxLeases'
  | 'TemplateChanged'
  | 'Surplus'
  | 'PoolDeleted'
  | 'Stopped'
  | 'WarmupFailed'
  | 'CleanFailed'
  | 'Unkillable'
  | 'Orphan'
  | 'Shutdown';

/** One sandbox as the operator's table knows it: an immutable snapshot. */
export interface Sandbox {
  /** Unique within the installation; known before the uid is. */
  readonly name: string;
  /** Identity; absent only while the backend is still making it. */
  readonly uid?: string;
  readonly pool: PoolKey;
  readonly templateHash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly phase: Phase;
  /** How many leases it has had, the present one included. */
  readonly leases: number;
  /** Why it failed or is to be removed, for people. */
  readonly reason?: string;
}
