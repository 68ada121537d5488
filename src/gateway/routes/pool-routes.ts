import type { FastifyReply } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import { type PoolKey, poolKeyText } from '../../api/pool-key.js';
import type { StoredPool } from '../../ports/pool-store.js';
import { namespaceParam, poolParam, sandboxParam } from '../codecs/path-params.js';
import type { GatewayDeps } from '../gateway-deps.js';
import type { Route } from '../route.js';
import { sendProblem } from '../send-problem.js';
import { leaseView } from '../views/lease-view.js';
import { poolView } from '../views/pool-view.js';
import { sandboxView, timelineEventView } from '../views/sandbox-view.js';
import { poolUnknown } from './pool-unknown.js';

const NAMESPACE = '/v1/namespaces/:namespace/pools';
const POOL = `${NAMESPACE}/:pool`;

const sendPools = (
  deps: GatewayDeps,
  reply: FastifyReply,
  pools: readonly StoredPool[],
): FastifyReply =>
  reply.send({
    apiVersion: 'warmpool.dev/v1alpha1',
    kind: 'SandboxPoolList',
    items: pools
      .toSorted((a, b) => (poolKeyText(a.key) < poolKeyText(b.key) ? -1 : 1))
      .map((stored) => poolView(stored, deps)),
  });

/** A pool without a manifest is known as long as sandboxes or leases of it are left. */
const knownPool = (deps: GatewayDeps, params: unknown) => {
  const pool = poolParam(params);
  if (E.isLeft(pool)) return pool;
  const known =
    deps.pools.get(pool.right) !== undefined ||
    deps.table.list(pool.right).length > 0 ||
    deps.leases.list(pool.right).length > 0;
  return known ? pool : E.left(poolUnknown(pool.right));
};

const leasesOf = (deps: GatewayDeps, pool: PoolKey) =>
  deps.leases.list(pool).filter((lease) => lease.tenant === deps.tenant);

const listings = (deps: GatewayDeps): readonly Route[] => [
  {
    method: 'GET',
    path: '/v1/pools',
    operationId: 'listAllPools',
    summary: 'Lists the pools of all namespaces',
    success: { 200: 'A SandboxPoolList' },
    problems: [],
    handle: async (_request, reply) => sendPools(deps, reply, deps.pools.list()),
  },
  {
    method: 'GET',
    path: NAMESPACE,
    operationId: 'listPools',
    summary: 'Lists the pools of a namespace',
    success: { 200: 'A SandboxPoolList' },
    problems: [],
    handle: async (request, reply) => {
      const namespace = namespaceParam(request.params);
      const pools = deps.pools.list().filter(({ key }) => key.namespace === namespace);
      return sendPools(deps, reply, pools);
    },
  },
  {
    method: 'GET',
    path: POOL,
    operationId: 'getPool',
    summary: 'Shows a pool: the SandboxPool object with its status',
    success: { 200: 'A SandboxPool' },
    problems: [404],
    handle: async (request, reply) => {
      const pool = poolParam(request.params);
      if (E.isLeft(pool)) return sendProblem(reply, pool.left);
      const stored = deps.pools.get(pool.right);
      return stored === undefined
        ? sendProblem(reply, poolUnknown(pool.right))
        : reply.send(poolView(stored, deps));
    },
  },
];

const contents = (deps: GatewayDeps): readonly Route[] => [
  {
    method: 'GET',
    path: `${POOL}/sandboxes`,
    operationId: 'listSandboxes',
    summary: 'Lists the sandboxes of a pool',
    success: { 200: 'The sandboxes, by name' },
    problems: [404],
    handle: async (request, reply) => {
      const pool = knownPool(deps, request.params);
      if (E.isLeft(pool)) return sendProblem(reply, pool.left);
      const byUid = new Map(leasesOf(deps, pool.right).map((lease) => [lease.sandbox.uid, lease]));
      const items = deps.table
        .list(pool.right)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((sandbox) => sandboxView(sandbox, byUid.get(sandbox.uid ?? '')));
      return reply.send({ items });
    },
  },
  {
    method: 'GET',
    path: `${POOL}/leases`,
    operationId: 'listLeases',
    summary: 'Lists the live leases of a pool, and says how many callers wait for one',
    success: { 200: 'The leases, oldest first, and queueLength' },
    problems: [404],
    handle: async (request, reply) => {
      const pool = knownPool(deps, request.params);
      if (E.isLeft(pool)) return sendProblem(reply, pool.left);
      const items = leasesOf(deps, pool.right)
        .toSorted((a, b) => a.epoch - b.epoch)
        .map(leaseView);
      return reply.send({ items, queueLength: deps.leases.queueLength(pool.right) });
    },
  },
  {
    method: 'GET',
    path: `${POOL}/sandboxes/:sandbox/timeline`,
    operationId: 'getTimeline',
    summary: 'Tells what happened to a sandbox, also for some time after it is gone',
    success: { 200: 'The events, oldest first' },
    problems: [404],
    handle: async (request, reply) => {
      const pool = poolParam(request.params);
      if (E.isLeft(pool)) return sendProblem(reply, pool.left);
      const name = sandboxParam(request.params);
      const events = deps.table.timeline(pool.right, name);
      if (events !== undefined) return reply.send({ items: events.map(timelineEventView) });
      const message = `there is no sandbox "${name}" in the pool "${pool.right.name}"`;
      return sendProblem(reply, { type: 'SandboxUnknown', message });
    },
  },
];

/** What there is: pools, their sandboxes, their leases. All of it is answered from memory. */
export const poolRoutes = (deps: GatewayDeps): readonly Route[] => [
  ...listings(deps),
  ...contents(deps),
];
