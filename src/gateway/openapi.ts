import type { JsonSchema } from './codecs/field.js';
import { PROBLEMS } from './problem-table.js';
import type { Route } from './route.js';

const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string', description: 'Stable name: urn:warmpool:problem:queue-full' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** Every route may answer with these. */
const COMMON_PROBLEMS = [400, 401, 403, 500, 503];

const titleOf = (status: number): string =>
  Object.values(PROBLEMS)
    .filter((entry) => entry.status === status)
    .map((entry) => entry.title)
    .join('; ');

const problemResponse = (status: number) => ({
  description: titleOf(status),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** `/v1/pools/:pool` → `/v1/pools/{pool}`. */
export const openApiPath = (path: string): string => path.replace(/:([a-z]+)/g, '{$1}');

const parameters = (route: Route) => [
  ...[...route.path.matchAll(/:([a-z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  })),
  ...Object.entries(route.query ?? {}).map(([name, schema]) => ({ name, in: 'query', schema })),
];

const operation = (route: Route) => ({
  operationId: route.operationId,
  summary: route.summary,
  parameters: parameters(route),
  ...(route.body === undefined
    ? {}
    : { requestBody: { content: { 'application/json': { schema: route.body } } } }),
  responses: {
    ...Object.fromEntries(
      Object.entries(route.success).map(([status, description]) => [status, { description }]),
    ),
    ...Object.fromEntries(
      [...new Set([...route.problems, ...COMMON_PROBLEMS])].map((status) => [
        status,
        problemResponse(status),
      ]),
    ),
  },
});

/** The OpenAPI document of a table of routes: made from what serves them, so it cannot lag behind. */
export const openApiDocument = (routes: readonly Route[], version: string) => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = openApiPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'warmpool', version },
    security: [{ token: [] }, {}],
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
};
