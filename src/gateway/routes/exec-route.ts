import type { FastifyReply, FastifyRequest } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import type { OutputName } from '../../exec/command.js';
import type { ExecuteRequest } from '../../exec/execute.js';
import type { LeaseIdentity } from '../../ports/lease-store.js';
import { clientGone } from '../client-gone.js';
import { type ExecBody, execBody } from '../codecs/exec-body.js';
import { explainErrors } from '../codecs/explain-errors.js';
import { leaseParams } from '../codecs/path-params.js';
import type { GatewayDeps } from '../gateway-deps.js';
import { invalidRequest } from '../http-error.js';
import { outputText } from '../output-text.js';
import type { Route } from '../route.js';
import { sendProblem } from '../send-problem.js';
import { execView } from '../views/exec-view.js';
import { streamExec } from './exec-stream.js';
import { timedOutError } from './timed-out-error.js';

const executeRequest = (lease: LeaseIdentity, body: ExecBody): ExecuteRequest => {
  const { encoding: _encoding, stream: _stream, timeoutIsError: _timeoutIsError, ...rest } = body;
  return { ...lease, ...rest };
};

/**
 * Bytes of each stream that a reply in one piece holds at most. JSON makes up to six characters of a
 * byte, and a string in Node holds 512 million: two streams of this size still fit.
 */
const MOST_REPLY_BYTES = 33_554_432;

/** Runs the command and answers once it has ended, with all of its (capped) output. */
const replyAtEnd = async (
  deps: GatewayDeps,
  request: ExecuteRequest,
  options: { readonly body: ExecBody; readonly reply: FastifyReply },
): Promise<FastifyReply> => {
  const { body, reply } = options;
  const chunks: Record<OutputName, Buffer[]> = { stdout: [], stderr: [] };
  const client = clientGone(reply);
  const outcome = await deps
    .execute(request, (output, bytes) => void chunks[output].push(bytes), client.signal)()
    .finally(client.done);
  if (E.isLeft(outcome)) return sendProblem(reply, outcome.left);
  const { result } = outcome.right;
  const output = {
    stdout: Buffer.concat(chunks.stdout),
    stderr: Buffer.concat(chunks.stderr),
    truncated: result.truncated,
  };
  const answer = { ...outputText(output, body.encoding), ...execView(outcome.right) };
  return result.timedOut && body.timeoutIsError === true
    ? sendProblem(reply, timedOutError(answer))
    : reply.send(answer);
};

const inOnePiece = (command: ExecuteRequest): ExecuteRequest => ({
  ...command,
  maxOutputBytes: Math.min(command.maxOutputBytes ?? MOST_REPLY_BYTES, MOST_REPLY_BYTES),
});

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
      : replyAtEnd(deps, inOnePiece(command), { body: body.right, reply });
  },
});
