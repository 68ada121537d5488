import type { FastifyReply } from 'fastify';
import { problemOf, retryAfterSeconds } from './problem.js';
import type { GatewayError } from './problem-table.js';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** Answers with a problem instead of what was asked for. */
export const sendProblem = (reply: FastifyReply, error: GatewayError): FastifyReply => {
  const problem = problemOf(error);
  const seconds = retryAfterSeconds(error);
  if (seconds !== undefined) reply.header('retry-after', String(seconds));
  if (error.type === 'Unauthorized') reply.header('www-authenticate', 'Bearer realm="warmpool"');
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(problem));
};
