import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type DockerEndpoint, dockerEndpoint, endpointText } from '../backends/docker/endpoint.js';
import type { DockerEnvironment } from '../config.js';
import { assertNever } from '../core/assert-never.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/**
 * Where an engine listens. The set-up speaks plain HTTP to it, as it has to tell a socket that
 * nobody listens on from an engine that refuses, before there is anything to connect a client to.
 */
export interface EngineAddress {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2375`. */
  readonly host: string;
  /** The socket's path, if it is one on this machine. */
  readonly socketPath?: string;
  readonly tls: boolean;
  readonly connection: RequestOptions;
}

const toAddress = (endpoint: DockerEndpoint): EngineAddress => {
  const host = endpointText(endpoint);
  switch (endpoint.kind) {
    case 'unix': {
      const { socketPath } = endpoint;
      return { host, socketPath, tls: false, connection: { socketPath } };
    }
    case 'tcp':
      return { host, tls: false, connection: { host: endpoint.host, port: endpoint.port } };
    case 'tls': {
      const { kind: _kind, ...connection } = endpoint;
      return { host, tls: true, connection };
    }
    default:
      return assertNever(endpoint);
  }
};

/** The engine that the environment names, found as Docker's own command finds it. */
export const engineAddress = (
  environment: DockerEnvironment,
): E.Either<SetupFailed, EngineAddress> => {
  const endpoint = dockerEndpoint(environment);
  return E.isLeft(endpoint)
    ? E.left(setupFailed(endpoint.left.message))
    : E.right(toAddress(endpoint.right));
};

export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  /** JSON, or a stream of bytes as they are (an archive). */
  readonly body?: { readonly json: unknown } | { readonly bytes: Readable };
  /** Ends the call, its body included. */
  readonly signal: AbortSignal;
}

/** Rejects when nobody answers; any status is an answer. */
export const callEngine = (address: EngineAddress, call: EngineCall): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { body } = call;
    const text = body !== undefined && 'json' in body ? JSON.stringify(body.json) : undefined;
    const type = text === undefined ? 'application/x-tar' : 'application/json';
    const request = (address.tls ? httpsRequest : httpRequest)({
      ...address.connection,
      // nothing here is so frequent that a kept connection pays, and a kept one delays the exit
      agent: false,
      method: call.method,
      path: call.path,
      signal: call.signal,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': type }),
        ...(text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) }),
      },
    });
    request.on('response', resolve);
    request.on('error', reject);
    if (body !== undefined && 'bytes' in body) pipeline(body.bytes, request).catch(reject);
    else request.end(text);
  });

const readAll = async (stream: Readable): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

/** An answer that has come in full. */
export interface EngineAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** A call whose answer is short. Statuses from 400 on are answers, too. */
export const askEngine =
  (address: EngineAddress, call: EngineCall): TaskEither<SetupFailed, EngineAnswer> =>
  async () => {
    try {
      const response = await callEngine(address, call);
      return E.right({ status: response.statusCode ?? 0, body: await readAll(response) });
    } catch (error) {
      return E.left(
        setupFailed(`the engine at ${address.host} does not answer: ${E.toError(error).message}`),
      );
    }
  };

/** What a ping tells: `nobody` listens there; `silent` is something that is no use (no right to connect, no answer). */
export type Ping =
  | { readonly type: 'answers' }
  | { readonly type: 'nobody' }
  | { readonly type: 'silent'; readonly message: string };

const NOBODY = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'];

/** Asks whether an engine answers within `timeoutMs`. */
export const pingEngine = async (address: EngineAddress, timeoutMs = 5_000): Promise<Ping> => {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await callEngine(address, { method: 'GET', path: '/_ping', signal });
    response.resume();
    return response.statusCode === 200
      ? { type: 'answers' }
      : { type: 'silent', message: `it answers with HTTP status ${response.statusCode}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && NOBODY.includes(code)) return { type: 'nobody' };
    return { type: 'silent', message };
  }
};
