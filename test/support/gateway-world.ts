import * as E from 'fp-ts/lib/Either.js';
import type { PoolKey } from '../../src/api/pool-key.js';
import { poolKeyText, samePool } from '../../src/api/pool-key.js';
import { SandboxPool, type SandboxPoolStatus } from '../../src/api/sandbox-pool.js';
import type { Sandbox } from '../../src/core/pool/sandbox.js';
import type { Execute, ExecuteError, ExecuteReply } from '../../src/exec/execute.js';
import type { GatewayDeps } from '../../src/gateway/gateway-deps.js';
import type { LeaseIdentity, LeaseRecord } from '../../src/ports/lease-store.js';
import type { StoredPool } from '../../src/ports/pool-store.js';
import type { AcquireError, LeaseController } from '../../src/reconcile/leases.js';
import type { SandboxTable } from '../../src/reconcile/sandbox-table.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { silentLogger } from './silent-logger.js';

const NOW = Date.UTC(2030, 0, 2, 3, 4, 5);
const POOL: PoolKey = { namespace: 'default', name: 'python' };

const unused = (): never => {
  throw new Error('the gateway does not use this');
};

export const storedPool = (key: PoolKey): StoredPool => {
  const decoded = SandboxPool.decode({
    apiVersion: 'warmpool.dev/v1alpha1',
    kind: 'SandboxPool',
    metadata: { name: key.name, namespace: key.namespace },
    spec: {
      replicas: 2,
      template: { spec: { containers: [{ name: 'sandbox', image: 'busybox:1' }] } },
    },
  });
  if (E.isLeft(decoded)) throw new Error(JSON.stringify(decoded.left));
  return { key, pool: decoded.right, generation: 3 };
};

const sandboxOf = (key: PoolKey, index: number): Sandbox => ({
  name: `${key.name}-${index}`,
  uid: `uid-${key.name}-${index}`,
  pool: key,
  templateHash: '0123456789',
  createdAt: NOW - 60_000,
  phase: 'Ready',
  leases: 0,
});

export const execReply = (lease: LeaseRecord): ExecuteReply => ({
  result: {
    exitCode: 0,
    timedOut: false,
    canceled: false,
    truncated: { stdout: false, stderr: false },
    execMs: 1,
    via: 'shell',
  },
  lease,
  timings: { queueMs: 0, leaseMs: 0.1, execMs: 1, totalMs: 1.12345 },
});

/** Everything behind a gateway, in memory and by script: pools `default/python` and `other/node`, and threads that get leases for the asking. */
export interface GatewayWorld {
  readonly deps: GatewayDeps;
  readonly leases: Map<string, LeaseRecord>;
  /** What the next commands do; by default they print their command and exit with 0. */
  script: Execute;
  /** The next acquisitions fail so. */
  refusal: AcquireError | undefined;
  ready: boolean;
  readonly acquired: unknown[];
}

export const leaseKey = (lease: LeaseIdentity): string =>
  JSON.stringify([poolKeyText(lease.pool), lease.tenant, lease.thread]);

export const gatewayWorld = (overrides: Partial<GatewayDeps> = {}): GatewayWorld => {
  const pools = [storedPool(POOL), storedPool({ namespace: 'other', name: 'node' })];
  const sandboxes = pools.flatMap(({ key }) => [sandboxOf(key, 1), sandboxOf(key, 2)]);
  const leases = new Map<string, LeaseRecord>();
  const acquired: unknown[] = [];
  let epoch = 0;

  const grant = (identity: LeaseIdentity): LeaseRecord => {
    const found = leases.get(leaseKey(identity));
    if (found !== undefined) return found;
    epoch += 1;
    const lease: LeaseRecord = {
      pool: identity.pool,
      tenant: identity.tenant,
      thread: identity.thread,
      sandbox: { uid: `uid-${identity.pool.name}-1`, name: `${identity.pool.name}-1` },
      epoch,
      acquiredAt: NOW,
      expiresAt: NOW + 3_600_000,
      lastActiveAt: NOW,
      labels: {},
    };
    leases.set(leaseKey(identity), lease);
    return lease;
  };
  const unknownPool = (pool: PoolKey): AcquireError | undefined =>
    pools.some(({ key }) => samePool(key, pool))
      ? undefined
      : { type: 'PoolUnknown', message: `there is no pool ${poolKeyText(pool)}` };

  const controller: LeaseController = {
    acquire: (request) => async () => {
      acquired.push(request);
      const refusal = world.refusal ?? unknownPool(request.pool);
      if (refusal !== undefined) return E.left(refusal);
      const created = !leases.has(leaseKey(request));
      const lease = { ...grant(request), labels: request.labels ?? {} };
      leases.set(leaseKey(request), lease);
      return E.right({ lease, created, queueMs: 0 });
    },
    release: (identity, wanted) => async () => {
      const lease = leases.get(leaseKey(identity));
      if (lease !== undefined && wanted !== undefined && wanted !== lease.epoch) {
        return E.left({ type: 'Fenced', message: 'an older lease', epoch: lease.epoch });
      }
      return E.right(leases.delete(leaseKey(identity)));
    },
    lost: () => undefined,
    condemn: unused,
    find: (identity) => leases.get(leaseKey(identity)),
    list: (pool) => [...leases.values()].filter((lease) => samePool(lease.pool, pool)),
    begin: unused,
    queueLength: () => 4,
  };
  const table: SandboxTable = {
    list: (pool) => sandboxes.filter((sandbox) => samePool(sandbox.pool, pool)),
    get: (uid) => sandboxes.find((sandbox) => sandbox.uid === uid),
    named: (name) => sandboxes.find((sandbox) => sandbox.name === name),
    pools: () => pools.map(({ key }) => key),
    timeline: (pool, name) =>
      sandboxes.some((sandbox) => sandbox.name === name && samePool(sandbox.pool, pool))
        ? [
            { at: NOW - 60_000, phase: 'Creating' },
            { at: NOW - 59_000, phase: 'Ready', detail: 'warm' },
          ]
        : undefined,
    startCreating: unused,
    observe: unused,
    move: unused,
    note: () => undefined,
    setLeases: unused,
    remove: unused,
    subscribe: unused,
  };
  const status: SandboxPoolStatus = {
    replicas: 2,
    readyReplicas: 1,
    leasedReplicas: 1,
    updatedReplicas: 2,
    observedGeneration: 3,
    templateHash: '0123456789',
    selector: '',
    conditions: [],
  };
  const echo: Execute = (request, sink) => async () => {
    const refusal = world.refusal ?? unknownPool(request.pool);
    if (refusal !== undefined) return E.left(refusal);
    await sink('stdout', Buffer.from(JSON.stringify(request.command)));
    return E.right(execReply(grant(request)));
  };
  const world: GatewayWorld = {
    deps: {
      pools: {
        get: (key) => pools.find((pool) => samePool(pool.key, key)),
        list: () => pools,
        putStatus: unused,
        getStatus: () => status,
        watch: unused,
      },
      leases: controller,
      table,
      execute: (request, sink, signal) => world.script(request, sink, signal),
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      metricsText: async () => 'warmpool_up 1\n',
      readiness: () => ({ ready: world.ready, reasons: world.ready ? [] : ['engine is down'] }),
      tenant: 'default',
      version: '1.2.3',
      ...overrides,
    },
    leases,
    script: echo,
    refusal: undefined,
    ready: true,
    acquired,
  };
  return world;
};

/** A command that prints these pieces and ends with these parts of a result. */
export const prints =
  (
    world: GatewayWorld,
    pieces: readonly (readonly ['stdout' | 'stderr', Buffer | string])[],
    result: Partial<ExecuteReply['result']> = {},
  ): Execute =>
  (request, sink) =>
  async () => {
    for (const [output, bytes] of pieces) await sink(output, Buffer.from(bytes));
    const lease = await world.deps.leases.acquire({ ...request, renew: false })();
    if (E.isLeft(lease)) return lease;
    const reply = execReply(lease.right.lease);
    return E.right({ ...reply, result: { ...reply.result, ...result } });
  };

/** A command that fails so, after printing. */
export const failsWith =
  (error: ExecuteError, printed = ''): Execute =>
  (_request, sink) =>
  async () => {
    if (printed !== '') await sink('stdout', Buffer.from(printed));
    return E.left(error);
  };
