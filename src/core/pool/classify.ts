import { assertNever } from '../assert-never.js';
import { dueReason, type RecyclePolicy } from './recycle.js';
import type { Sandbox } from './sandbox.js';

/** What the planner takes a sandbox for. */
export type Bucket =
  /** On its way to Ready: being made, or being cleaned and good for another lease. */
  | 'coming'
  /** Ready and good. */
  | 'fresh'
  /** Ready and serving, but of an older template. */
  | 'outdated'
  /** Ready and serving, but too old. */
  | 'aged'
  /** Ready, but has had all its leases: serves nobody any more. */
  | 'wornOut'
  /** Leased, or being cleaned although it is due: neither touched nor counted on. */
  | 'busy'
  /** To be removed: retiring it costs nothing. */
  | 'failed'
  /** On its way out; takes up room until it is gone. */
  | 'leaving'
  | 'quarantined';

export type Buckets = Readonly<Record<Bucket, readonly Sandbox[]>>;

const bucketOfReady = (sandbox: Sandbox, policy: RecyclePolicy, now: number): Bucket => {
  // whatever else is wrong with it, it cannot be leased
  if (sandbox.leases >= policy.maxLeases) return 'wornOut';
  const due = dueReason(sandbox, policy, now);
  switch (due) {
    case undefined:
      return 'fresh';
    case 'TemplateChanged':
      return 'outdated';
    case 'MaxAge':
      return 'aged';
    case 'MaxLeases':
      return 'wornOut';
    default:
      return assertNever(due);
  }
};

/** The one bucket that a sandbox belongs to. */
export const bucketOf = (sandbox: Sandbox, policy: RecyclePolicy, now: number): Bucket => {
  switch (sandbox.phase) {
    case 'Creating':
      return 'coming';
    case 'Ready':
      return bucketOfReady(sandbox, policy, now);
    case 'Leased':
      return 'busy';
    case 'Resetting':
      return dueReason(sandbox, policy, now) === undefined ? 'coming' : 'busy';
    case 'Failed':
      return 'failed';
    case 'Terminating':
      return 'leaving';
    case 'Quarantined':
      return 'quarantined';
    default:
      return assertNever(sandbox.phase);
  }
};

/** All sandboxes, each in exactly one bucket. */
export const classify = (
  sandboxes: readonly Sandbox[],
  policy: RecyclePolicy,
  now: number,
): Buckets => {
  const buckets: Record<Bucket, Sandbox[]> = {
    coming: [],
    fresh: [],
    outdated: [],
    aged: [],
    wornOut: [],
    busy: [],
    failed: [],
    leaving: [],
    quarantined: [],
  };
  for (const sandbox of sandboxes) buckets[bucketOf(sandbox, policy, now)].push(sandbox);
  return buckets;
};
