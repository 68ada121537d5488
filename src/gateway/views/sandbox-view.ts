import type { Sandbox } from '../../core/pool/sandbox.js';
import type { LeaseRecord } from '../../ports/lease-store.js';
import type { TimelineEvent } from '../../reconcile/sandbox-table.js';

/** A sandbox as the HTTP interface shows it; `lease` is the live one that it is bound by. */
export const sandboxView = (sandbox: Sandbox, lease: LeaseRecord | undefined) => ({
  name: sandbox.name,
  uid: sandbox.uid,
  pool: sandbox.pool.name,
  namespace: sandbox.pool.namespace,
  phase: sandbox.phase,
  templateHash: sandbox.templateHash,
  createdAt: new Date(sandbox.createdAt).toISOString(),
  leases: sandbox.leases,
  reason: sandbox.reason,
  thread: lease?.thread,
});

export const timelineEventView = (event: TimelineEvent) => ({
  at: new Date(event.at).toISOString(),
  phase: event.phase,
  detail: event.detail,
});
