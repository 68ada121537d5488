import type { GatewayDeps, Readiness } from '../gateway-deps.js';
import type { Route } from '../route.js';
import { sendProblem } from '../send-problem.js';

interface SystemRouteDeps {
  readonly deps: GatewayDeps;
  /** The gateway's own readiness is in it: one that closes is not ready. */
  readonly readiness: () => Readiness;
  readonly openApi: () => unknown;
}

/** For probes, for Prometheus, and for makers of clients. */
export const systemRoutes = ({ deps, readiness, openApi }: SystemRouteDeps): readonly Route[] => [
  {
    method: 'GET',
    path: '/healthz',
    operationId: 'health',
    summary: 'Says that the process answers',
    success: { 200: 'It does' },
    problems: [],
    handle: async (_request, reply) => reply.send({ status: 'ok', version: deps.version }),
  },
  {
    method: 'GET',
    path: '/readyz',
    operationId: 'ready',
    summary: 'Says whether commands can be run, or why not',
    success: { 200: 'They can' },
    problems: [503],
    handle: async (_request, reply) => {
      const { ready, reasons } = readiness();
      if (ready) return reply.send({ ready });
      const message = reasons.join('; ') || 'not ready yet';
      return sendProblem(reply, { type: 'NotReady', message, reasons });
    },
  },
  {
    method: 'GET',
    path: '/metrics',
    operationId: 'metrics',
    summary: 'Figures in the text format of Prometheus',
    success: { 200: 'The figures' },
    problems: [],
    handle: async (_request, reply) => {
      const text = await deps.metricsText();
      return reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(text);
    },
  },
  {
    method: 'GET',
    path: '/openapi.json',
    operationId: 'openapi',
    summary: 'This interface as an OpenAPI document',
    success: { 200: 'The document' },
    problems: [],
    handle: async (_request, reply) => reply.send(openApi()),
  },
];
