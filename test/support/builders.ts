import type { PodTemplate } from '../../src/api/pod-template.js';
import { type PoolKey, poolKeyText } from '../../src/api/pool-key.js';
import type {
  SandboxPool,
  SandboxPoolSpec,
  SandboxPoolStatus,
} from '../../src/api/sandbox-pool.js';
import type { Sandbox } from '../../src/core/pool/sandbox.js';
import { templateHash } from '../../src/core/pool/template-hash.js';
import type { PoolStore, StoredPool } from '../../src/ports/pool-store.js';

/** A template; other images make other hashes. */
export const aTemplate = (image = 'warmpool.local/busybox:1'): PodTemplate => ({
  spec: { containers: [{ name: 'sandbox', image }] },
});

type Parts<T> = { readonly [K in keyof T]?: T[K] };

/** What a test says about a pool: the rest is as a manifest without it would have it. */
export interface PoolChoices extends Parts<Omit<SandboxPoolSpec, 'lease' | 'recycle' | 'exec'>> {
  readonly name?: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly generation?: number;
  readonly lease?: Parts<SandboxPoolSpec['lease']>;
  readonly recycle?: Parts<SandboxPoolSpec['recycle']>;
  readonly exec?: Parts<SandboxPoolSpec['exec']>;
}

const specOf = (choices: PoolChoices): SandboxPoolSpec => ({
  replicas: choices.replicas ?? 1,
  ...(choices.maxSandboxes === undefined ? {} : { maxSandboxes: choices.maxSandboxes }),
  template: choices.template ?? aTemplate(choices.image),
  lease: {
    durationSeconds: 3600,
    idleTimeoutSeconds: 600,
    queue: { maxLength: 100, timeoutSeconds: 30 },
    ...choices.lease,
  },
  recycle: {
    onRelease: 'Replace',
    maxAgeSeconds: 21_600,
    maxLeases: 50,
    timeZone: 'Etc/UTC',
    drainSeconds: 300,
    workspace: 'Discard',
    ...choices.recycle,
  },
  exec: {
    // below /tmp, which is the sandbox's own with the fake backend
    workingDirectory: '/tmp/workspace',
    residentShells: 2,
    timeoutSeconds: 60,
    maxOutputBytes: 10_485_760,
    ...choices.exec,
  },
  updateStrategy: choices.updateStrategy ?? { maxUnavailable: '25%' },
});

/** A pool as a store holds it. */
export const aPool = (choices: PoolChoices = {}): StoredPool => {
  const key: PoolKey = {
    namespace: choices.namespace ?? 'default',
    name: choices.name ?? 'python',
  };
  const pool: SandboxPool = {
    apiVersion: 'warmpool.dev/v1alpha1',
    kind: 'SandboxPool',
    metadata: { ...key },
    spec: specOf(choices),
  };
  return { key, pool, generation: choices.generation ?? 1 };
};

let made = 0;

/** A Ready sandbox of `aPool()`'s template, unless told otherwise. */
export const aSandbox = (choices: Parts<Sandbox> = {}): Sandbox => {
  made += 1;
  return {
    name: `sandbox-${made}`,
    uid: `uid-${made}`,
    pool: { namespace: 'default', name: 'python' },
    templateHash: templateHash(aTemplate()),
    createdAt: 1_700_000_000_000,
    phase: 'Ready',
    leases: 0,
    ...choices,
  };
};

/** Pools in memory, which a test puts and removes as a user would edit manifests. */
export interface MemoryPools extends PoolStore {
  readonly put: (pool: StoredPool) => void;
  readonly remove: (key: PoolKey) => void;
  /** How often a status was put that differs from the one before. */
  readonly statusWrites: () => number;
}

export const memoryPools = (...first: readonly StoredPool[]): MemoryPools => {
  const pools = new Map<string, StoredPool>();
  const statuses = new Map<string, SandboxPoolStatus>();
  const listeners = new Set<(key: PoolKey) => void>();
  let writes = 0;
  const changed = (key: PoolKey): void => {
    for (const listener of listeners) listener(key);
  };
  const put = (pool: StoredPool): void => {
    pools.set(poolKeyText(pool.key), pool);
    changed(pool.key);
  };
  for (const pool of first) put(pool);
  return {
    put,
    remove: (key) => {
      pools.delete(poolKeyText(key));
      changed(key);
    },
    statusWrites: () => writes,
    get: (key) => pools.get(poolKeyText(key)),
    list: () => [...pools.values()],
    putStatus: (key, status) => {
      const text = poolKeyText(key);
      if (JSON.stringify(statuses.get(text)) !== JSON.stringify(status)) writes += 1;
      statuses.set(text, status);
    },
    getStatus: (key) => statuses.get(poolKeyText(key)),
    watch: async (onChange, signal) => {
      if (signal.aborted) return;
      listeners.add(onChange);
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      listeners.delete(onChange);
    },
  };
};
