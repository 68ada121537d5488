/** What decides when a lease is over. Times are milliseconds since 1970. */
export interface LeaseTimes {
  readonly expiresAt: number;
  /** When the last command ended or the lease was last renewed. */
  readonly lastActiveAt: number;
}

export interface LeaseEnd {
  readonly at: number;
  readonly reason: 'Expired' | 'Idle';
}

/**
 * When the lease ends by itself if no command runs on it from now on. A running command suspends both
 * bounds, so this is only to be asked about leases without one: a lease whose last command ends after
 * the lease's expiry is over at that moment.
 */
export const leaseEnd = (lease: LeaseTimes, idleTimeoutSeconds: number): LeaseEnd => {
  const idleAt = lease.lastActiveAt + idleTimeoutSeconds * 1000;
  return lease.expiresAt <= idleAt
    ? { at: lease.expiresAt, reason: 'Expired' }
    : { at: idleAt, reason: 'Idle' };
};

/** Why the lease is over now; undefined while it lives. It is over at the very millisecond of its end. */
export const overBecause = (
  lease: LeaseTimes & { readonly running: number },
  idleTimeoutSeconds: number,
  now: number,
): LeaseEnd['reason'] | undefined => {
  if (lease.running > 0) return undefined;
  const end = leaseEnd(lease, idleTimeoutSeconds);
  return end.at <= now ? end.reason : undefined;
};
