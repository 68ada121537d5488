import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonSchema } from './codecs/field.js';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** One method of one path: what it does, and what the OpenAPI document says of it. */
export interface Route {
  readonly method: Method;
  /** As fastify writes it: `/v1/namespaces/:namespace/pools`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly body?: JsonSchema;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  /** HTTP status codes of success, and what each means. */
  readonly success: Readonly<Record<number, string>>;
  /** HTTP status codes of the problems that are particular to this route. */
  readonly problems: readonly number[];
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
}
