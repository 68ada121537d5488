import type { FastifyInstance, HTTPMethods } from 'fastify';
import type { Route } from './route.js';
import { sendProblem } from './send-problem.js';

const ALL_METHODS: readonly HTTPMethods[] = [
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
];

/** Serves the routes; other methods of the same paths get 405 and are told which there are. */
export const registerRoutes = (app: FastifyInstance, routes: readonly Route[]): void => {
  const methodsOf = new Map<string, HTTPMethods[]>();
  for (const { method, path, handle } of routes) {
    app.route({ method, url: path, handler: handle });
    const methods = methodsOf.get(path) ?? [];
    // fastify answers HEAD wherever there is a GET
    methodsOf.set(path, [...methods, method, ...(method === 'GET' ? ['HEAD'] : [])]);
  }
  for (const [path, methods] of methodsOf) {
    const allow = methods.toSorted().join(', ');
    const message = `this path has ${allow}`;
    app.route({
      method: ALL_METHODS.filter((method) => !methods.includes(method)),
      url: path,
      // before the body is looked at: whether it is right does not matter here
      onRequest: (_request, reply) => {
        sendProblem(reply.header('allow', allow), { type: 'MethodNotAllowed', message });
      },
      handler: (_request, reply) => reply,
    });
  }
};
