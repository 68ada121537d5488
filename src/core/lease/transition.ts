import type { LeaseTimes } from './deadline.js';

type Labels = Readonly<Record<string, string>>;

interface Renewable extends LeaseTimes {
  readonly labels: Labels;
}

export interface Renewal {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Seconds from now that the caller asked for; the pool's own duration when absent. */
  readonly durationSeconds?: number;
  readonly defaultSeconds: number;
  readonly labels?: Labels;
}

/**
 * The lease, lasting longer. A duration that the caller names counts from now, even if the lease then
 * ends earlier than before; the pool's own duration never shortens a lease.
 */
export const renewLease = <Lease extends Renewable>(lease: Lease, renewal: Renewal): Lease => {
  const { now, durationSeconds, defaultSeconds, labels } = renewal;
  const expiresAt =
    durationSeconds === undefined
      ? Math.max(lease.expiresAt, now + defaultSeconds * 1000)
      : now + durationSeconds * 1000;
  return {
    ...lease,
    expiresAt,
    lastActiveAt: Math.max(lease.lastActiveAt, now),
    labels: { ...lease.labels, ...labels },
  };
};

/** The lease with these labels added, otherwise unchanged; the same object if it has them already. */
export const labelLease = <Lease extends Renewable>(lease: Lease, labels: Labels): Lease =>
  Object.entries(labels).every(([name, value]) => lease.labels[name] === value)
    ? lease
    : { ...lease, labels: { ...lease.labels, ...labels } };

/** A command of the lease has just ended. A clock that went back does not make it look idle for longer. */
export const touchLease = <Lease extends LeaseTimes>(lease: Lease, now: number): Lease =>
  lease.lastActiveAt >= now ? lease : { ...lease, lastActiveAt: now };
