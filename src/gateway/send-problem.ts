import type { FastifyReply } from 'fastify';
import { problemOf, retryAfterSeconds } from './problem.js';
import type { GatewayError } from './problem-table.js';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** Gives the reply an error's status and headers. The body, the problem itself, is left to the caller. */
export const asProblem = (reply: FastifyReply, error: GatewayError): FastifyReply => {
  const seconds = retryAfterSeconds(error);
  if (seconds !== undefined) reply.header('retry-after', String(seconds));
  if (error.type === 'Unauthorized') reply.header('www-authenticate', 'Bearer realm="warmpool"');
  return reply.code(problemOf(error).status).header('content-type', PROBLEM_CONTENT_TYPE);
};

/** Answers with a problem instead of what was asked for. */
export const sendProblem = (reply: FastifyReply, error: GatewayError): FastifyReply =>
  asProblem(reply, error).send(JSON.stringify(problemOf(error)));
