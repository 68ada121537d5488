import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { LeaseIdentity, LeaseRecord } from '../ports/lease-store.js';
import type { AcquireError, Fenced, LeaseGone } from '../reconcile/leases.js';
import type { CommandResult, ExecError, OutputSink } from './command.js';

/** A thread's command, as a caller sends it; what is absent comes from the pool's `exec`. */
export interface ExecuteRequest extends LeaseIdentity {
  readonly command: string | readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  readonly user?: string;
  readonly timeoutSeconds?: number;
  /** Never more than the pool's own bound. */
  readonly maxOutputBytes?: number;
  /** Refuses (`Fenced`) unless the thread's lease has this epoch. */
  readonly leaseEpoch?: number;
}

export interface ExecuteReply {
  readonly result: CommandResult;
  readonly lease: LeaseRecord;
  /** Milliseconds; `leaseMs` is finding or making the lease, the queue included. */
  readonly timings: {
    readonly queueMs: number;
    readonly leaseMs: number;
    readonly execMs: number;
    readonly totalMs: number;
  };
}

export type ExecuteError = AcquireError | LeaseGone | Fenced | ExecError;

/** Leases a sandbox for the thread if it has none, and runs the command in it. */
export type Execute = (
  request: ExecuteRequest,
  sink: OutputSink,
  signal: AbortSignal,
) => TaskEither<ExecuteError, ExecuteReply>;
