import * as E from 'fp-ts/lib/Either.js';
import { threadKey } from '../core/lease/identity.js';
import type { LeaseRecord } from '../ports/lease-store.js';
import { untilAborted } from './lease-abort.js';
import type { LeaseContext } from './lease-context.js';
import type { LeaseEndings } from './lease-endings.js';
import { grantLease } from './lease-grants.js';
import { obtainSandbox } from './lease-obtain.js';
import type { LeaseQueue } from './lease-queue.js';
import { canceled } from './lease-refusals.js';
import { type ReservedSandbox, unreserveSandbox } from './lease-sandboxes.js';
import type { AcquireError, AcquireRequest, Grant } from './leases.js';

/** Makes leases for threads that have none. */
export interface LeaseAcquisitions {
  /**
   * Makes the thread's lease, or waits for the one that another caller is making: undefined once that
   * one's is there to be looked at. A caller that goes away while its lease is being written down does
   * not undo it: the lease is its thread's.
   */
  readonly join: (
    request: AcquireRequest,
    signal: AbortSignal | undefined,
  ) => Promise<E.Either<AcquireError, Grant> | undefined>;
}

interface Made {
  readonly lease: LeaseRecord;
  readonly hit: boolean;
  readonly queueMs: number;
}

/** A lease that is being made: all callers of its thread share it. */
interface Acquisition {
  /** Callers that have not gone away. */
  callers: number;
  /** To be called when all have: leaves the queue. */
  abandon: () => void;
}

export const createLeaseAcquisitions = (
  context: LeaseContext,
  endings: LeaseEndings,
  queue: LeaseQueue<ReservedSandbox>,
): LeaseAcquisitions => {
  const { turns, metrics, kick } = context;
  const underWay = new Map<
    string,
    { readonly shared: Acquisition; readonly result: Promise<E.Either<AcquireError, Made>> }
  >();

  const make = async (
    request: AcquireRequest,
    shared: Acquisition,
  ): Promise<E.Either<AcquireError, Made>> => {
    let queueMs = 0;
    for (;;) {
      const obtained = await obtainSandbox(context, queue, request.pool, (leave) => {
        shared.abandon = leave;
      });
      if (E.isLeft(obtained)) return obtained;
      const { sandbox, hit } = obtained.right;
      queueMs += obtained.right.queueMs;
      if (shared.callers === 0) {
        unreserveSandbox(context, sandbox.uid);
        return E.left(canceled());
      }
      const granted = await turns.run(threadKey(request), () =>
        grantLease(context, endings, request, sandbox),
      );
      if (E.isLeft(granted)) return granted;
      // lost while it was written down: the caller deserves another one
      if (granted.right !== 'SandboxLost') return E.right({ lease: granted.right, hit, queueMs });
    }
  };

  const count = (request: AcquireRequest, made: E.Either<AcquireError, Made>): void => {
    if (E.isLeft(made)) metrics.leaseRefused(request.pool, made.left.type);
    else metrics.leaseGranted(request.pool, made.right.hit, made.right.queueMs / 1000);
  };

  const start = (request: AcquireRequest) => {
    const key = threadKey(request);
    const shared: Acquisition = { callers: 0, abandon: () => undefined };
    const run = async (): Promise<E.Either<AcquireError, Made>> => {
      try {
        const made = await make(request, shared);
        count(request, made);
        return made;
      } finally {
        underWay.delete(key);
        kick(request.pool);
      }
    };
    const acquisition = { shared, result: run() };
    underWay.set(key, acquisition);
    return acquisition;
  };

  return {
    join: async (request, signal) => {
      const others = underWay.get(threadKey(request));
      const { shared, result } = others ?? start(request);
      shared.callers += 1;
      const made = await untilAborted(result, signal);
      if (made === undefined) {
        shared.callers -= 1;
        if (shared.callers === 0) shared.abandon();
        return E.left(canceled());
      }
      if (others === undefined) {
        if (E.isLeft(made)) return made;
        const { lease, queueMs } = made.right;
        return E.right({ lease, queueMs, created: true });
      }
      // the others all went away just before this caller came: its own try is still to be made
      return E.isLeft(made) && made.left.type !== 'AcquireCanceled' ? made : undefined;
    },
  };
};
