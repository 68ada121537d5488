import * as E from 'fp-ts/lib/Either.js';
import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import { admit } from '../core/lease/admission.js';
import type { LeaseContext } from './lease-context.js';
import type { LeaseQueue } from './lease-queue.js';
import { canceled, poolGone } from './lease-refusals.js';
import { type ReservedSandbox, reserveSandbox } from './lease-sandboxes.js';
import type { AcquireError } from './leases.js';

/** A sandbox that nobody else can have, and how the caller came by it. */
export interface Obtained {
  readonly sandbox: ReservedSandbox;
  /** Whether it was there at once. */
  readonly hit: boolean;
  /** Milliseconds in the queue. */
  readonly queueMs: number;
}

const refusal = (
  queue: LeaseQueue<ReservedSandbox>,
  pool: PoolKey,
  type: 'QueueFull' | 'NoSandbox',
): AcquireError => {
  const queueLength = queue.length(pool);
  const text = poolKeyText(pool);
  const message =
    type === 'QueueFull'
      ? `no sandbox of ${text} is ready, and its queue is full: ${queueLength} callers wait`
      : `no sandbox of ${text} is ready, and callers may not wait (lease.queue.timeoutSeconds is 0)`;
  return { type, message, queueLength, retryAfterSeconds: queue.retryAfter(pool) };
};

/**
 * Reserves a sandbox of the pool, at once or after waiting in line. `onWait` gets the way to leave the
 * line early.
 */
export const obtainSandbox = async (
  context: LeaseContext,
  queue: LeaseQueue<ReservedSandbox>,
  pool: PoolKey,
  onWait: (leave: () => void) => void,
): Promise<E.Either<AcquireError, Obtained>> => {
  const { pools, clock } = context;
  const stored = pools.current(pool);
  if (stored === undefined) return E.left(poolGone(pool));
  const limits = stored.pool.spec.lease.queue;
  const waiting = queue.length(pool);
  const sandbox = waiting === 0 ? reserveSandbox(context, pool) : undefined;
  if (sandbox !== undefined) return E.right({ sandbox, hit: true, queueMs: 0 });
  const admission = admit({ ready: false, waiting, queue: limits });
  if (admission === 'QueueFull' || admission === 'NoSandbox') {
    return E.left(refusal(queue, pool, admission));
  }
  const joined = clock.monotonic();
  const ticket = queue.join(pool, limits.timeoutSeconds * 1000);
  onWait(() => ticket.leave(canceled()));
  const outcome = await ticket.outcome;
  return outcome.type === 'Reserved'
    ? E.right({ sandbox: outcome.reserved, hit: false, queueMs: clock.monotonic() - joined })
    : E.left(outcome);
};
