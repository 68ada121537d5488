import { type FastifyInstance, fastify } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import { onClientError } from './client-error.js';
import type { GatewayDeps, Readiness } from './gateway-deps.js';
import { type GuardState, guard } from './guard.js';
import { BAD_JSON, mapFastifyError } from './map-fastify-error.js';
import { openApiDocument } from './openapi.js';
import { parseJsonBody } from './parse-json-body.js';
import { registerRoutes } from './register-routes.js';
import type { RequestsUnderWay } from './requests-under-way.js';
import type { Route } from './route.js';
import { execRoute } from './routes/exec-route.js';
import { leaseRoutes } from './routes/lease-routes.js';
import { poolRoutes } from './routes/pool-routes.js';
import { systemRoutes } from './routes/system-routes.js';
import { sendProblem } from './send-problem.js';

/** Takes 16 MiB of stdin as base64, and a long command beside it. */
const BODY_LIMIT = 24 * 1024 * 1024;
/** A request, body and all, must have arrived by then. Answering it may take as long as it likes. */
const REQUEST_TIMEOUT_MS = 120_000;
/** Longer than the usual client keeps a connection (4 s for undici), so that the client closes first. */
const KEEP_ALIVE_MS = 75_000;
/** Threads are measured in bytes by their own codec; this only has to be more than the longest, encoded. */
const MAX_PARAM_LENGTH = 1024;

interface CreateAppOptions {
  readonly deps: GatewayDeps;
  readonly state: () => GuardState;
  readonly readiness: () => Readiness;
  readonly underWay: RequestsUnderWay;
}

const routesOf = ({ deps, readiness }: CreateAppOptions): readonly Route[] => {
  const routes: Route[] = [execRoute(deps), ...leaseRoutes(deps), ...poolRoutes(deps)];
  const openApi = (): unknown => openApiDocument(routes, deps.version);
  routes.push(...systemRoutes({ deps, readiness, openApi }));
  return routes;
};

const useJsonBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (_request, bytes: Buffer, done) => {
      const body = parseJsonBody(bytes);
      if (E.isRight(body)) done(null, body.right);
      else done(Object.assign(new Error(body.left), { code: BAD_JSON }));
    },
  );
};

const useErrorHandler = (app: FastifyInstance, { deps }: CreateAppOptions): void => {
  app.setErrorHandler((error, request, reply) => {
    const known = mapFastifyError(error, BODY_LIMIT);
    // fastify would close the connection under a client that still sends, and so never hears why; Node reads the rest and drops it
    if (known?.type === 'BodyTooLarge') reply.removeHeader('connection');
    if (known !== undefined) return sendProblem(reply, known);
    deps.logger.error(
      { error, route: request.routeOptions.url },
      'request failed in an unforeseen way',
    );
    return sendProblem(reply, { type: 'InternalError', message: 'see the log of warmpool' });
  });
};

/** The fastify application: guard, routes and errors. It does not listen yet. */
export const createApp = (options: CreateAppOptions): FastifyInstance => {
  const { deps, state, underWay } = options;
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    return503OnClosing: false, // the guard answers then, in the form of all other problems
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    clientErrorHandler: onClientError,
    frameworkErrors: (error, _request, reply) => {
      const known = mapFastifyError(error, BODY_LIMIT);
      sendProblem(
        reply,
        known ?? { type: 'InternalError', message: 'the path was not understood' },
      );
    },
  });
  useJsonBodies(app);
  useErrorHandler(app, options);
  const check = guard(deps.token, state);
  app.addHook('onRequest', (request, reply, done) => {
    underWay.begin(reply);
    check(request, reply, done);
  });
  registerRoutes(app, routesOf(options));
  return app;
};
