import * as E from 'fp-ts/lib/Either.js';
import { type PoolKey, poolKeyText } from '../../src/api/pool-key.js';
import { SandboxPool } from '../../src/api/sandbox-pool.js';
import type { LogFields } from '../../src/ports/logger.js';
import type { Metrics } from '../../src/ports/metrics.js';
import type { PoolStore, StoredPool } from '../../src/ports/pool-store.js';
import {
  createLeaseController,
  type RunningLeases,
} from '../../src/reconcile/create-lease-controller.js';
import { createSandboxTable } from '../../src/reconcile/create-sandbox-table.js';
import { planSpecOf } from '../../src/reconcile/describe-pool.js';
import type { AcquireRequest, Grant } from '../../src/reconcile/leases.js';
import type { SandboxTable } from '../../src/reconcile/sandbox-table.js';
import { type ManualClock, manualClock } from './manual-clock.js';
import { type MemoryLeaseStore, memoryLeaseStore } from './memory-lease-store.js';
import { silentLogger } from './silent-logger.js';
import { silentMetrics } from './silent-metrics.js';

export const BOX: PoolKey = { namespace: 'default', name: 'box' };

type SpecParts = Readonly<Record<string, unknown>>;

const storedPool = (key: PoolKey, spec: SpecParts): StoredPool => {
  const decoded = SandboxPool.decode({
    apiVersion: 'warmpool.dev/v1alpha1',
    kind: 'SandboxPool',
    metadata: { name: key.name, namespace: key.namespace },
    spec: {
      replicas: 2,
      template: { spec: { containers: [{ name: 'sandbox', image: 'busybox:1' }] } },
      ...spec,
    },
  });
  if (E.isLeft(decoded)) throw new Error(JSON.stringify(decoded.left));
  return { key, pool: decoded.right, generation: 1 };
};

/** A pool store that tests change by hand. */
const handPools = () => {
  const pools = new Map<string, StoredPool>();
  const listeners = new Set<(key: PoolKey) => void>();
  const tell = (key: PoolKey): void => {
    for (const listener of listeners) listener(key);
  };
  const store: PoolStore = {
    get: (key) => pools.get(poolKeyText(key)),
    list: () => [...pools.values()],
    putStatus: () => undefined,
    getStatus: () => undefined,
    watch: (onChange, signal) => {
      listeners.add(onChange);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          listeners.delete(onChange);
          resolve();
        });
      });
    },
  };
  return {
    store,
    put: (key: PoolKey, spec: SpecParts) => {
      pools.set(poolKeyText(key), storedPool(key, spec));
      tell(key);
    },
    remove: (key: PoolKey) => {
      pools.delete(poolKeyText(key));
      tell(key);
    },
  };
};

/** A lease controller with everything around it in memory, and time that stands still. */
export interface LeaseWorld {
  readonly clock: ManualClock;
  readonly table: SandboxTable;
  readonly pools: ReturnType<typeof handPools>;
  /** Those of the present life. */
  store: MemoryLeaseStore;
  leases: RunningLeases;
  readonly kicked: PoolKey[];
  readonly counts: { granted: number; hits: number; refused: string[]; ended: string[] };
  readonly logged: { readonly fields: LogFields; readonly message: string }[];
  /** A sandbox that has just become ready. */
  readonly addReady: (uid: string, options?: { leases?: number; createdAt?: number }) => void;
  readonly acquire: (
    thread: string,
    more?: Partial<AcquireRequest>,
    signal?: AbortSignal,
  ) => ReturnType<ReturnType<RunningLeases['acquire']>>;
  /** Acquires and expects to be granted. */
  readonly grant: (thread: string, more?: Partial<AcquireRequest>) => Promise<Grant>;
  readonly release: (
    thread: string,
    epoch?: number,
  ) => ReturnType<ReturnType<RunningLeases['release']>>;
  /** Dies and comes back with what was durable and these sandboxes. */
  readonly restart: (present: readonly string[]) => Promise<void>;
  readonly end: () => void;
}

export const id = (thread: string) => ({ pool: BOX, tenant: 'default', thread });

export const leaseWorld = (spec: SpecParts = {}, options: { start?: boolean } = {}): LeaseWorld => {
  const clock = manualClock();
  const pools = handPools();
  pools.put(BOX, spec);
  const counts: LeaseWorld['counts'] = { granted: 0, hits: 0, refused: [], ended: [] };
  const logged: LeaseWorld['logged'] = [];
  const metrics: Metrics = {
    ...silentMetrics,
    leaseGranted: (_pool, hit) => {
      counts.granted += 1;
      if (hit) counts.hits += 1;
    },
    leaseRefused: (_pool, reason) => void counts.refused.push(reason),
    leaseEnded: (_pool, reason) => void counts.ended.push(reason),
  };
  const kicked: PoolKey[] = [];
  let life = new AbortController();
  const table = createSandboxTable({ clock });
  const live = (store: MemoryLeaseStore): RunningLeases =>
    createLeaseController({
      pools: pools.store,
      table,
      store,
      clock,
      random: { fraction: () => 1, token: () => '00' },
      logger: { ...silentLogger, info: (fields, message) => void logged.push({ fields, message }) },
      metrics,
      stored: store.durable(),
      kick: (pool) => void kicked.push(pool),
    });

  const observe = (uid: string, phase: 'Creating' | 'Leased', leases: number, createdAt: number) =>
    table.observe(
      {
        uid,
        name: `box-${uid}`,
        pool: BOX,
        templateHash: planSpecOf(storedPool(BOX, spec)).templateHash,
        createdAt,
        state: 'Running',
      },
      phase,
      leases,
    );

  const first = memoryLeaseStore();
  const world: LeaseWorld = {
    clock,
    table,
    pools,
    store: first,
    leases: live(first),
    kicked,
    counts,
    logged,
    addReady: (uid, { leases = 0, createdAt = clock.now() } = {}) => {
      observe(uid, 'Creating', leases, createdAt);
      table.move(uid, 'Creating', 'Ready');
    },
    acquire: (thread, more = {}, signal) =>
      world.leases.acquire({ ...id(thread), renew: false, ...more }, signal)(),
    grant: async (thread, more) => {
      const granted = await world.acquire(thread, more);
      if (E.isLeft(granted)) throw new Error(`not granted: ${granted.left.message}`);
      return granted.right;
    },
    release: (thread, epoch) => world.leases.release(id(thread), epoch)(),
    restart: async (present) => {
      world.store.crash();
      life.abort();
      life = new AbortController();
      for (const { name } of table.list(BOX)) table.remove(name);
      world.store = world.store.reopen();
      world.leases = live(world.store);
      for (const uid of present) {
        const leased = world.leases.liveUids().has(uid);
        observe(uid, leased ? 'Leased' : 'Creating', world.leases.recordedLeases(uid), clock.now());
        if (!leased) table.move(uid, 'Creating', 'Ready');
      }
      world.leases.start(life.signal);
      await clock.advance(0);
    },
    end: () => life.abort(),
  };
  if (options.start !== false) world.leases.start(life.signal);
  return world;
};
