import type { FastifyReply, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import type { ExecuteRequest } from '../../exec/execute.js';
import type { LeaseIdentity } from '../../ports/lease-store.js';
import { clientGone } from '../client-gone.js';
import { type ExecBody, execBody } from '../codecs/exec-body.js';
import { explainErrors } from '../codecs/explain-errors.js';
import { leaseParams } from '../codecs/path-params.js';
import type { GatewayDeps } from '../gateway-deps.js';
import { invalidRequest } from '../http-error.js';
import { printedOutput } from '../printed-output.js';
import type { Route } from '../route.js';
import { sendOutput } from '../send-output.js';
import { sendProblem } from '../send-problem.js';
import { streamExec } from './exec-stream.js';

/**
 * Bytes of each stream that a reply in one piece holds at most. JSON makes up to six characters of a
 * byte, and a string in Node holds 512 million: two streams of this size still fit.
 */
const MOST_REPLY_BYTES = 33_554_432;

const outputBytes = ({ maxOutputBytes, stream }: ExecBody): number | undefined =>
  stream === true ? maxOutputBytes : Math.min(maxOutputBytes ?? MOST_REPLY_BYTES, MOST_REPLY_BYTES);

/** Field by field: taking a rest and spreading it cost more than everything else that is done to a body. */
const executeRequest = (lease: LeaseIdentity, body: ExecBody): ExecuteRequest => {
  const { pool, tenant, thread } = lease;
  const { command, cwd, env, stdin, user, timeoutSeconds, leaseEpoch } = body;
  const maxOutputBytes = outputBytes(body);
  return {
    pool,
    tenant,
    thread,
    command,
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(stdin !== undefined && { stdin }),
    ...(user !== undefined && { user }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(maxOutputBytes !== undefined && { maxOutputBytes }),
    ...(leaseEpoch !== undefined && { leaseEpoch }),
  };
};

/** Runs the command and answers once it has ended, with all of its (capped) output. */
const replyAtEnd = async (
  deps: GatewayDeps,
  request: ExecuteRequest,
  options: { readonly body: ExecBody; readonly reply: FastifyReply },
): Promise<FastifyReply> => {
  const { body, reply } = options;
  const printed = printedOutput(MOST_REPLY_BYTES);
  const outcome = await deps.execute(request, printed.add, clientGone(reply))();
  if (E.isRight(outcome)) {
    return sendOutput(reply, printed, {
      ran: outcome.right,
      wanted: body.encoding,
      timeoutIsError: body.timeoutIsError === true,
    });
  }
  printed.release();
  return sendProblem(reply, outcome.left);
};

/** `POST …/threads/{thread}/exec`: the operation that everything else is there for. */
export const execRoute = (deps: GatewayDeps): Route => ({
  method: 'POST',
  path: '/v1/namespaces/:namespace/pools/:pool/threads/:thread/exec',
  operationId: 'execute',
  summary: 'Leases a sandbox for the thread if it has none, and runs a command in it',
  body: execBody.schema,
  success: { 200: 'The command ended; or its output as it comes, with "stream": true' },
  problems: [404, 409, 410, 413, 429, 502, 503, 504],
  handle: async (request: FastifyRequest, reply: FastifyReply) => {
    const lease = leaseParams(request.params, deps.tenant);
    if (E.isLeft(lease)) return sendProblem(reply, lease.left);
    const body = execBody.decoder.decode(request.body);
    if (E.isLeft(body)) return sendProblem(reply, invalidRequest(explainErrors(body.left)));
    const command = executeRequest(lease.right, body.right);
    return body.right.stream === true
      ? streamExec(deps, command, { body: body.right, reply })
      : replyAtEnd(deps, command, { body: body.right, reply });
  },
});
