import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import { READY_WINDOW_MS, retryAfterSeconds } from '../core/lease/retry-after.js';
import type { Clock } from '../ports/clock.js';
import type { Metrics } from '../ports/metrics.js';
import type { LeaseTimers } from './lease-timers.js';
import type { AcquireError } from './leases.js';

/** What came of waiting: something to lease, already reserved, or a reason to go. */
export type QueueOutcome<Reserved> =
  | { readonly type: 'Reserved'; readonly reserved: Reserved }
  | AcquireError;

export interface QueueTicket<Reserved> {
  readonly outcome: Promise<QueueOutcome<Reserved>>;
  /** Leaves the queue with this error; does nothing once there is an outcome. */
  readonly leave: (error: AcquireError) => void;
}

/** Callers that wait for sandboxes, a line for each pool: first come, first served. */
export interface LeaseQueue<Reserved> {
  readonly length: (pool: PoolKey) => number;
  readonly join: (pool: PoolKey, timeoutMs: number) => QueueTicket<Reserved>;
  /** Hands what can be reserved to those who wait, from the head. */
  readonly serve: (pool: PoolKey) => void;
  /** Everybody in these lines goes with this error; in all lines without a pool. */
  readonly refuse: (error: AcquireError, pool?: PoolKey) => void;
  /** A sandbox became ready: the rate of this tells how long waiting takes. */
  readonly noteReady: (pool: PoolKey) => void;
  readonly retryAfter: (pool: PoolKey) => number;
}

interface Line<Reserved> {
  readonly pool: PoolKey;
  /** In the order of joining. */
  readonly waiting: Set<(outcome: QueueOutcome<Reserved>) => void>;
}

/** Enough to tell a rate. */
const READY_TIMES_KEPT = 64;

export const createLeaseQueue = <Reserved>(deps: {
  readonly clock: Clock;
  readonly timers: LeaseTimers;
  readonly metrics: Metrics;
  /** Reserves a sandbox of the pool, if one can be had. Synchronous. */
  readonly reserve: (pool: PoolKey) => Reserved | undefined;
  readonly onChange: (pool: PoolKey) => void;
}): LeaseQueue<Reserved> => {
  const { clock, timers, metrics, reserve, onChange } = deps;
  const lines = new Map<string, Line<Reserved>>();
  const readyTimes = new Map<string, readonly number[]>();

  const length = (pool: PoolKey): number => lines.get(poolKeyText(pool))?.waiting.size ?? 0;
  const changed = (pool: PoolKey): void => {
    metrics.queueLength(pool, length(pool));
    onChange(pool);
  };
  const retryAfter = (pool: PoolKey): number =>
    retryAfterSeconds({
      waiting: length(pool),
      readyTimes: readyTimes.get(poolKeyText(pool)) ?? [],
      now: clock.monotonic(),
    });
  const tooLate = (pool: PoolKey, timeoutMs: number): AcquireError => ({
    type: 'NoSandbox',
    message: `no sandbox of ${poolKeyText(pool)} came free within ${timeoutMs / 1000} s`,
    queueLength: length(pool),
    retryAfterSeconds: retryAfter(pool),
  });

  const join = (pool: PoolKey, timeoutMs: number): QueueTicket<Reserved> => {
    const text = poolKeyText(pool);
    const line = lines.get(text) ?? { pool, waiting: new Set() };
    lines.set(text, line);
    let resolve: ((outcome: QueueOutcome<Reserved>) => void) | undefined;
    const outcome = new Promise<QueueOutcome<Reserved>>((done) => {
      resolve = done;
    });
    const settle = (result: QueueOutcome<Reserved>): void => {
      if (!line.waiting.delete(settle)) return;
      timer.cancel();
      if (line.waiting.size === 0) lines.delete(text);
      changed(pool);
      resolve?.(result);
    };
    line.waiting.add(settle);
    const timer = timers.after(timeoutMs, () => settle(tooLate(pool, timeoutMs)));
    changed(pool);
    return { outcome, leave: settle };
  };

  return {
    length,
    join,
    serve: (pool) => {
      for (;;) {
        const [head] = lines.get(poolKeyText(pool))?.waiting ?? [];
        if (head === undefined) return;
        const reserved = reserve(pool);
        if (reserved === undefined) return;
        head({ type: 'Reserved', reserved });
      }
    },
    refuse: (error, pool) => {
      const chosen = pool === undefined ? [...lines.values()] : [lines.get(poolKeyText(pool))];
      for (const line of chosen) for (const settle of line?.waiting ?? []) settle(error);
      if (pool !== undefined) readyTimes.delete(poolKeyText(pool));
    },
    noteReady: (pool) => {
      const now = clock.monotonic();
      const before = readyTimes.get(poolKeyText(pool)) ?? [];
      const recent = before.filter((at) => at > now - READY_WINDOW_MS).slice(1 - READY_TIMES_KEPT);
      readyTimes.set(poolKeyText(pool), [...recent, now]);
    },
    retryAfter,
  };
};
