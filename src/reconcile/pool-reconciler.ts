import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import { recycleReasonOf } from '../core/pool/recycle-reason.js';
import type { BackendError, BackendHint } from '../ports/sandbox-backend.js';
import { createControlLoop } from '../runtime/control-loop.js';
import { withDeadline } from '../runtime/deadline.js';
import { createKeyedJobs } from '../runtime/keyed-jobs.js';
import { boundedRunner } from '../runtime/run-bounded.js';
import { createBackendHealth } from './backend-health.js';
import { createCreationRecords } from './creation-records.js';
import { createCreationSlots } from './creation-slots.js';
import { mergeListing } from './merge-listing.js';
import { createObserver } from './observe-sandboxes.js';
import type { PoolContext } from './pool-context.js';
import type { PoolReconcilerDeps } from './pool-reconciler-deps.js';
import { progressOf } from './publish-status.js';
import { reconcilePool } from './reconcile-pool.js';
import { removeEverything } from './remove-everything.js';
import type { SandboxChange } from './sandbox-table.js';
import { createSightings } from './sightings.js';

export type { PoolReconcilerDeps } from './pool-reconciler-deps.js';

/** Keeps every pool as its manifest wants it. */
export interface PoolReconciler {
  /**
   * Takes over the sandboxes that are at the backend, waiting for it to answer as long as it takes;
   * `leased` are the uids of live leases. To be called once, before `start`, with the leases loaded.
   * False if `signal` aborted first.
   */
  readonly adopt: (leased: ReadonlySet<string>, signal: AbortSignal) => Promise<boolean>;
  /** Works until `signal` aborts. Creations and removals under way then are waited for, but not for long. Never rejects. */
  readonly start: (signal: AbortSignal) => Promise<void>;
  /** Something outside the table has changed: the pool's queue, for one. */
  readonly poke: (pool: PoolKey) => void;
  /** What a creation of the pool is at, for people: `pulling python:3.13-alpine: 12 of 48 MB`. */
  readonly progress: (pool: PoolKey) => string | undefined;
  /** Why the backend cannot be used; undefined while it answers. */
  readonly backendProblem: () => string | undefined;
  /** Removes all sandboxes of the installation, for `--cleanup`: after `start` has returned. Right holds how many. */
  readonly removeEverything: TaskEither<BackendError, number>;
}

/** More make each of them slower on an engine that starts containers one after another. */
const CREATIONS_AT_A_TIME = 4;
const REMOVALS_AT_A_TIME = 4;
/** Each opens some exec streams, 60 ms each. */
const WARMING_AT_A_TIME = 8;
const RESYNC_MS = 30_000;
/** Lets a burst of changes make one pass, and lets whoever leased a sandbox answer its caller first. */
const GATHER_MS = 5;
/** A creation takes 0.3 s; one that pulls an image is left to the next start. */
const FINISH_MS = 5000;
/** Between two tries to reach the backend at the start. */
const ADOPT_RETRY_MS = 2000;

const createContext = (
  deps: PoolReconcilerDeps,
  again: {
    readonly poke: (pool: PoolKey) => void;
    readonly pokeAll: () => void;
    readonly relist: () => void;
  },
): PoolContext => {
  const { clock, logger, table } = deps;
  const removals: PoolContext['removals'] = new Map();
  return {
    ...deps,
    ...again,
    health: createBackendHealth({
      logger,
      onChange: () => {
        // what failed while it was silent need not wait any longer
        removals.clear();
        again.relist();
        again.pokeAll();
      },
    }),
    records: createCreationRecords(clock),
    slots: createCreationSlots({ limit: CREATIONS_AT_A_TIME, poke: again.poke }),
    sightings: createSightings(clock),
    jobs: createKeyedJobs({
      logger,
      onEnd: (name) => {
        const sandbox = table.named(name);
        if (sandbox !== undefined) again.poke(sandbox.pool);
      },
    }),
    warming: boundedRunner(WARMING_AT_A_TIME),
    removing: boundedRunner(REMOVALS_AT_A_TIME),
    progress: new Map(),
    unresolved: new Map(),
    removals,
  };
};

/** Keeps the books that follow from changes of the table, whoever makes them. */
const followChange = (context: PoolContext, { pool, before, after }: SandboxChange): void => {
  const { sightings, unresolved, removals, exec, metrics } = context;
  if (after?.uid !== undefined) sightings.known(after.uid);
  const leaves = after?.phase === 'Terminating' && before?.phase !== 'Terminating';
  if (leaves) metrics.sandboxRecycled(pool, recycleReasonOf(after.reason));
  if (after === undefined && before !== undefined) {
    unresolved.delete(before.name);
    if (before.uid !== undefined) {
      sightings.gone(before.uid);
      removals.delete(before.uid);
      exec.forget(before.uid);
      context.forgetSandbox(before.uid);
      // gone without having been retired: removed behind our back
      if (before.phase !== 'Terminating') metrics.sandboxRecycled(pool, 'Stopped');
    }
  }
  context.poke(pool);
};

/** A hint about a sandbox that is on its way out tells nothing that its removal does not. */
const isNews = ({ table, sightings }: PoolContext, hint: BackendHint): boolean =>
  hint.type === 'EverythingMayHaveChanged' ||
  (table.get(hint.uid)?.phase !== 'Terminating' && !sightings.wentLately(hint.uid));

export const createPoolReconciler = (deps: PoolReconcilerDeps): PoolReconciler => {
  const { backend, pools, table, clock, logger } = deps;
  const keys = (): readonly PoolKey[] => {
    const all = [...pools.list().map(({ key }) => key), ...table.pools()];
    return [...new Map(all.map((key) => [poolKeyText(key), key])).values()];
  };
  const loop = createControlLoop<PoolKey>({
    clock,
    logger,
    workers: 1,
    resyncMs: RESYNC_MS,
    gatherMs: GATHER_MS,
    keys,
    textOf: poolKeyText,
    reconcile: async (key) => reconcilePool(context, key),
  });
  const context = createContext(deps, {
    poke: loop.poke,
    pokeAll: loop.pokeAll,
    relist: () => observer.relist(),
  });
  const observer = createObserver({
    backend,
    clock,
    logger,
    health: context.health,
    sightings: context.sightings,
    onListing: (listing) => mergeListing(context, listing, new Set()),
  });
  table.subscribe((change) => followChange(context, change));

  const onHint = (hint: BackendHint): void => {
    if (isNews(context, hint)) observer.relist();
  };

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = clock.setTimer(ms, end);
      signal.addEventListener('abort', end, { once: true });
    });

  return {
    adopt: async (leased, signal) => {
      while (!signal.aborted) {
        const listing = await observer.look();
        if (E.isRight(listing)) {
          mergeListing(context, listing.right, leased);
          return true;
        }
        // says in every pool's status what it waits for; nothing is created meanwhile
        for (const key of keys()) reconcilePool(context, key);
        await pause(ADOPT_RETRY_MS, signal);
      }
      return false;
    },
    start: async (signal) => {
      await Promise.all([
        loop.run(signal),
        observer.run(signal),
        backend.watch(onHint, signal),
        pools.watch(loop.poke, signal),
      ]);
      await withDeadline(clock, FINISH_MS, context.jobs.idle());
    },
    poke: loop.poke,
    progress: (key) => progressOf(context, key),
    backendProblem: context.health.problem,
    removeEverything: removeEverything(context),
  };
};
