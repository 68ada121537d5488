import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PoolKey } from '../api/pool-key.js';
import type { LeaseIdentity, LeaseRecord, StoreFailed } from '../ports/lease-store.js';

export type LeaseEndReason =
  | 'Released'
  | 'Expired'
  | 'Idle'
  | 'SandboxLost'
  | 'PoolDeleted'
  | 'Unkillable';

export interface AcquireRequest extends LeaseIdentity {
  /** Seconds from now that the lease is to last; the pool's `lease.durationSeconds` when absent. Given on a live lease it renews it. */
  readonly durationSeconds?: number;
  /** Merged into the lease's labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Renews a live lease even without `durationSeconds`. */
  readonly renew: boolean;
}

export interface Grant {
  readonly lease: LeaseRecord;
  /** Whether this call made the lease. */
  readonly created: boolean;
  /** Milliseconds spent waiting in the queue; 0 when a warm sandbox was there. */
  readonly queueMs: number;
}

export interface PoolUnknown {
  readonly type: 'PoolUnknown';
  readonly message: string;
}
/** The pool's queue is as long as it may be. */
export interface QueueFull {
  readonly type: 'QueueFull';
  readonly message: string;
  readonly queueLength: number;
  readonly retryAfterSeconds: number;
}
/** No sandbox came free before the queue's deadline. */
export interface NoSandbox {
  readonly type: 'NoSandbox';
  readonly message: string;
  readonly queueLength: number;
  readonly retryAfterSeconds: number;
}
/** The caller went away while waiting. */
export interface AcquireCanceled {
  readonly type: 'AcquireCanceled';
  readonly message: string;
}
/** The operator, or this pool, takes no new work: it is stopping, or being deleted. */
export interface Stopping {
  readonly type: 'Stopping';
  readonly message: string;
}
export interface LeaseGone {
  readonly type: 'LeaseGone';
  readonly message: string;
}
/** The caller named an epoch that is not the lease's: it speaks for an older lease. */
export interface Fenced {
  readonly type: 'Fenced';
  readonly message: string;
  readonly epoch: number;
}
export type AcquireError =
  | PoolUnknown
  | QueueFull
  | NoSandbox
  | AcquireCanceled
  | Stopping
  | StoreFailed;
export type ReleaseError = StoreFailed | Fenced;

/** A command under way on a lease: keeps the lease from idling out, and learns when the lease ends. */
export interface Activity {
  /** Aborts when the lease ends while the command runs; `signal.reason` is the LeaseEndReason. */
  readonly signal: AbortSignal;
  /** The command is over. Idempotent. */
  readonly end: () => void;
}

/** Binds threads to sandboxes. Reads answer from memory. */
export interface LeaseController {
  /** Idempotent per pool, tenant and thread; never answers before the record is durable. Aborting `signal` leaves the queue. */
  readonly acquire: (
    request: AcquireRequest,
    signal?: AbortSignal,
  ) => TaskEither<AcquireError, Grant>;
  /** Right(true) if there was a lease. Commands under way are canceled first. `epoch`, where given, must be the lease's. */
  readonly release: (lease: LeaseIdentity, epoch?: number) => TaskEither<ReleaseError, boolean>;
  /** The sandbox of this lease cannot be trusted any more: the lease ends (`Unkillable`) and the sandbox is replaced, whatever `onRelease` says. */
  readonly condemn: (lease: LeaseIdentity, epoch: number) => void;
  /**
   * The backend says that the sandbox of this lease does not run any more: the lease ends (`SandboxLost`)
   * and the sandbox is replaced, before any listing shows it.
   */
  readonly lost: (lease: LeaseIdentity, epoch: number) => void;
  readonly find: (lease: LeaseIdentity) => LeaseRecord | undefined;
  readonly list: (pool: PoolKey) => readonly LeaseRecord[];
  /** Starts a command on a live lease of that epoch; undefined if it is not live any more. Synchronous with the check. */
  readonly begin: (lease: LeaseIdentity, epoch: number) => Activity | undefined;
  readonly queueLength: (pool: PoolKey) => number;
}
