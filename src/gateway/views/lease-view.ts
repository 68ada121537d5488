import type { LeaseRecord } from '../../ports/lease-store.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** A lease as the HTTP interface shows it. */
export const leaseView = (lease: LeaseRecord) => ({
  pool: lease.pool.name,
  namespace: lease.pool.namespace,
  tenant: lease.tenant,
  thread: lease.thread,
  sandbox: lease.sandbox.name,
  epoch: lease.epoch,
  acquiredAt: iso(lease.acquiredAt),
  expiresAt: iso(lease.expiresAt),
  lastActiveAt: iso(lease.lastActiveAt),
  labels: lease.labels,
  phase: 'Bound',
});
