import type { FastifyReply, FastifyRequest } from 'fastify';
import { tokenCheck } from './authenticate.js';
import { browserProblem } from './browser-check.js';
import { invalidRequest } from './http-error.js';
import type { GatewayError } from './problem-table.js';
import { sendProblem } from './send-problem.js';

/** What the guard must know beside the request. Read anew for each. */
export interface GuardState {
  readonly closing: boolean;
  /** The address as it was asked for; undefined on a unix socket, which no browser reaches. */
  readonly listenHost: string | undefined;
  readonly unixSocket: boolean;
}

/** Probes come from kubelets and load balancers, which have no token. Compared with the route that was found, never with the URL, so that no spelling gets around it. */
const OPEN_ROUTES: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz']);

/** Raw bytes beyond ASCII would be read as Latin-1 and make another thread of the same name; a fragment is never sent by a client that knows what it does. */
const ODD_URL = /[^\x21-\x7e]|#/;

type OnRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/** Runs before everything else, also before paths that do not exist, and says who may ask. */
export const guard = (token: string | undefined, state: () => GuardState): OnRequest => {
  const tokenIsValid = token === undefined ? undefined : tokenCheck(token);
  const problem = (request: FastifyRequest): GatewayError | undefined => {
    const route = request.is404 ? undefined : request.routeOptions.url;
    if (OPEN_ROUTES.has(route)) return undefined;
    const { closing, listenHost, unixSocket } = state();
    if (tokenIsValid !== undefined && !tokenIsValid(request.headers.authorization)) {
      return { type: 'Unauthorized', message: 'send the header "Authorization: Bearer <token>"' };
    }
    if (tokenIsValid === undefined && !unixSocket) {
      const message = browserProblem(request.headers, listenHost);
      if (message !== undefined) return { type: 'Forbidden', message };
    }
    if (closing) return { type: 'Stopping', message: 'warmpool is shutting down' };
    if (ODD_URL.test(request.raw.url ?? '')) {
      const message = 'must be percent-encoded UTF-8 without a fragment';
      return invalidRequest([{ path: 'path', message }]);
    }
    if (request.is404) {
      return { type: 'NotFound', message: `there is nothing at ${request.method} this path` };
    }
    return undefined;
  };
  return (request, reply, done) => {
    const found = problem(request);
    if (found === undefined) done();
    else sendProblem(reply, found);
  };
};
