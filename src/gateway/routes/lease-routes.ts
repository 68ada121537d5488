import * as E from 'fp-ts/lib/Either.js';
import { clientGone } from '../client-gone.js';
import { epochQuery } from '../codecs/epoch-query.js';
import { explainErrors } from '../codecs/explain-errors.js';
import { leaseBody } from '../codecs/lease-body.js';
import { leaseParams } from '../codecs/path-params.js';
import type { GatewayDeps } from '../gateway-deps.js';
import { invalidRequest } from '../http-error.js';
import type { Route } from '../route.js';
import { sendProblem } from '../send-problem.js';
import { leaseView } from '../views/lease-view.js';
import { poolUnknown } from './pool-unknown.js';

const PATH = '/v1/namespaces/:namespace/pools/:pool/threads/:thread/lease';

/** Tells on a 204 whether the release ended a lease (`true`) or found none (`false`). */
export const RELEASED_HEADER = 'warmpool-released';

const acquireRoute = (deps: GatewayDeps): Route => ({
  method: 'PUT',
  path: PATH,
  operationId: 'acquireLease',
  summary: 'Leases a sandbox for the thread, or renews the lease that it has',
  body: leaseBody.schema,
  success: { 200: 'The lease that there was, renewed', 201: 'A new lease' },
  problems: [404, 429, 503],
  handle: async (request, reply) => {
    const lease = leaseParams(request.params, deps.tenant);
    if (E.isLeft(lease)) return sendProblem(reply, lease.left);
    const body = leaseBody.decoder.decode(request.body ?? {});
    if (E.isLeft(body)) return sendProblem(reply, invalidRequest(explainErrors(body.left)));
    const wanted = { ...lease.right, ...body.right, renew: true };
    const grant = await deps.leases.acquire(wanted, clientGone(reply))();
    if (E.isLeft(grant)) return sendProblem(reply, grant.left);
    return reply.code(grant.right.created ? 201 : 200).send(leaseView(grant.right.lease));
  },
});

const lookRoute = (deps: GatewayDeps): Route => ({
  method: 'GET',
  path: PATH,
  operationId: 'getLease',
  summary: 'Shows the lease of the thread',
  success: { 200: 'The lease' },
  problems: [404, 410],
  handle: async (request, reply) => {
    const lease = leaseParams(request.params, deps.tenant);
    if (E.isLeft(lease)) return sendProblem(reply, lease.left);
    const found = deps.leases.find(lease.right);
    if (found !== undefined) return reply.send(leaseView(found));
    if (deps.pools.get(lease.right.pool) === undefined) {
      return sendProblem(reply, poolUnknown(lease.right.pool));
    }
    const message = 'the thread holds no lease: it never had one, or it has ended';
    return sendProblem(reply, { type: 'LeaseGone', message });
  },
});

const releaseRoute = (deps: GatewayDeps): Route => ({
  method: 'DELETE',
  path: PATH,
  operationId: 'releaseLease',
  summary: 'Ends the lease of the thread, and its commands first',
  query: {
    epoch: { type: 'integer', minimum: 1, description: 'Refuses with 409 if the lease is another' },
  },
  success: { 204: 'There is no lease any more, or there was none' },
  problems: [404, 409, 503],
  handle: async (request, reply) => {
    const lease = leaseParams(request.params, deps.tenant);
    if (E.isLeft(lease)) return sendProblem(reply, lease.left);
    const epoch = epochQuery(request.query);
    if (E.isLeft(epoch)) return sendProblem(reply, epoch.left);
    // a pool whose manifest is gone may have leases left, which can still be released
    const known = deps.pools.get(lease.right.pool) ?? deps.leases.find(lease.right);
    if (known === undefined) return sendProblem(reply, poolUnknown(lease.right.pool));
    const released = await deps.leases.release(lease.right, epoch.right)();
    if (E.isLeft(released)) return sendProblem(reply, released.left);
    return reply.code(204).header(RELEASED_HEADER, String(released.right)).send();
  },
});

export const leaseRoutes = (deps: GatewayDeps): readonly Route[] => [
  acquireRoute(deps),
  lookRoute(deps),
  releaseRoute(deps),
];
