import type { PoolKey } from '../api/pool-key.js';
import type { PoolStore } from '../ports/pool-store.js';
import type { LeaseContext } from './lease-context.js';
import type { LeaseEndings } from './lease-endings.js';
import type { LeaseQueue } from './lease-queue.js';
import { poolGone } from './lease-refusals.js';
import { type ReservedSandbox, sendBack } from './lease-sandboxes.js';
import type { SandboxChange } from './sandbox-table.js';

interface StartParts {
  readonly context: LeaseContext;
  readonly endings: LeaseEndings;
  readonly queue: LeaseQueue<ReservedSandbox>;
  readonly pools: PoolStore;
}

/** The pool appeared, changed or went. */
const followPool = ({ context, endings, queue }: StartParts, pool: PoolKey): void => {
  const { pools, book, deadlines, clock } = context;
  if (pools.drainedAt(pool) !== undefined) queue.refuse(poolGone(pool), pool);
  else queue.serve(pool);
  // its leases may now end at other times, and it must not be forgotten before they have
  for (const entry of book.ofPool(pool)) endings.check(entry);
  if (book.ofPool(pool).length === 0) pools.forget(pool);
  deadlines.expect(clock.now());
};

const followSandbox = (
  { context, endings, queue }: StartParts,
  { pool, before, after }: SandboxChange,
): void => {
  if (after?.phase === 'Ready' && before?.phase !== 'Ready') {
    // one that comes back from a failed grant is no new one
    if (before?.phase !== 'Leased') queue.noteReady(pool);
    queue.serve(pool);
  }
  const uid = before?.uid ?? after?.uid;
  const entry = uid === undefined ? undefined : context.book.ofSandbox(uid);
  if (entry !== undefined && after?.phase !== 'Leased') endings.end(entry, 'SandboxLost');
};

/** A sandbox may have been adopted as leased while its lease was being released. */
const sendBackStrays = ({ context: { table, book, reserved }, context }: StartParts): void => {
  for (const { uid, phase, pool } of table.pools().flatMap((key) => table.list(key))) {
    if (uid === undefined || phase !== 'Leased') continue;
    if (book.ofSandbox(uid) === undefined && !reserved.has(uid)) {
      sendBack(context, { uid, pool, reason: 'Released', quiet: true });
    }
  }
};

/** What is remembered of sandboxes that do not exist any more. */
const forgetStrays = ({ context: { table, leaseCounts, writes } }: StartParts): void => {
  for (const uid of leaseCounts.keys()) {
    if (table.get(uid) !== undefined) continue;
    leaseCounts.delete(uid);
    writes.sandboxGone(uid);
  }
};

/** Takes up the leases that were found at the start, then follows table, pools and time until `signal` aborts. */
export const startLeases = (parts: StartParts, signal: AbortSignal): void => {
  const { context, endings, pools } = parts;
  const { table, book, timers, state } = context;
  if (signal.aborted) return;
  const unsubscribe = table.subscribe((change) => followSandbox(parts, change));
  state.started = true;
  for (const entry of book.all()) endings.check(entry);
  sendBackStrays(parts);
  forgetStrays(parts);
  for (const { key } of pools.list()) followPool(parts, key);
  const stop = (): void => {
    unsubscribe();
    timers.stop();
  };
  signal.addEventListener('abort', stop, { once: true });
  void pools.watch((pool) => followPool(parts, pool), signal);
};
