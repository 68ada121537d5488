import { poolKeyText } from '../api/pool-key.js';
import { threadKey } from '../core/lease/identity.js';
import type { LeaseIdentity, LeaseRecord, StoreFailed } from '../ports/lease-store.js';
import type { LogFields } from '../ports/logger.js';
import type { LeaseEndReason } from './leases.js';

/** A lease in memory, from the moment its record is durable until the deletion of its record is. */
export interface LeaseEntry {
  readonly key: string;
  /** As it is on disk, but for `lastActiveAt`, which may be ahead. */
  record: LeaseRecord;
  /** Commands under way. */
  readonly commands: Set<AbortController>;
  /** The lease is over, or is being ended: no command starts on it. Taken back if a release fails. */
  ending: LeaseEndReason | undefined;
  /** The end could not be made durable yet; it is tried again. */
  storeFailure: StoreFailed | undefined;
  /** The sandbox must not be used again. */
  condemned: boolean;
}

export const leaseEntry = (record: LeaseRecord): LeaseEntry => ({
  key: threadKey(record),
  record,
  commands: new Set(),
  ending: undefined,
  storeFailure: undefined,
  condemned: false,
});

export const identityOf = ({ pool, tenant, thread }: LeaseIdentity): LeaseIdentity => ({
  pool,
  tenant,
  thread,
});

export const leaseFields = ({ pool, tenant, thread, sandbox, epoch }: LeaseRecord): LogFields => ({
  pool: poolKeyText(pool),
  tenant,
  thread,
  sandbox: sandbox.name,
  uid: sandbox.uid,
  epoch,
});
