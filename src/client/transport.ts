import * as E from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { type Dispatcher, Pool } from 'undici';
import type { ClientError, ProblemReply, UnexpectedReply } from './client-error.js';
import { Problem } from './replies.js';

/** Time for a connection to this machine or one nearby. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Everything but commands and leases is answered from memory. */
const QUICK_REPLY_MS = 30_000;

export interface TransportOptions {
  /** `http://127.0.0.1:7070`, or `unix:/run/warmpool.sock`. */
  readonly url: string;
  readonly token?: string;
  /** Connects to this socket, whatever the host in the URL is. */
  readonly unixSocket?: string;
}

export interface TransportRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** The reply may take as long as it likes: a command, or waiting in the queue. */
  readonly slow?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export type Response = Dispatcher.ResponseData;

/** HTTP over connections that stay open. */
export interface Transport {
  /** The reply once its head is there, if it is one of success; its body must be read to the end. */
  readonly send: (request: TransportRequest) => Promise<E.Either<ClientError, Response>>;
  /** What an error while reading a body means. */
  readonly broken: (error: unknown, signal: AbortSignal | undefined) => ClientError;
  readonly close: () => Promise<void>;
}

const unexpected = (message: string): E.Either<UnexpectedReply, never> =>
  E.left({ type: 'UnexpectedReply', message });

/** Reads a reply whose body must be what `codec` says. */
export const decodeBody = <A>(
  codec: t.Decoder<unknown, A>,
  text: string,
): E.Either<UnexpectedReply, A> => {
  const value = E.tryCatch((): unknown => JSON.parse(text), E.toError);
  if (E.isLeft(value)) return unexpected('the reply is not JSON: is this the URL of warmpool?');
  const decoded = codec.decode(value.right);
  return E.isRight(decoded)
    ? decoded
    : unexpected('the reply is not what this version of warmpool understands');
};

const retryAfter = (response: Response): number | undefined => {
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
};

export const problemReply = (problem: Problem, retryAfterSeconds?: number): ProblemReply => ({
  type: 'Problem',
  status: problem.status,
  problem,
  message: problem.detail,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

const readProblem = async (response: Response): Promise<ClientError> => {
  const problem = decodeBody(Problem, await response.body.text());
  return E.isRight(problem)
    ? problemReply(problem.right, retryAfter(response))
    : {
        type: 'UnexpectedReply',
        message: `the reply has status ${response.statusCode} and is not of warmpool`,
      };
};

interface Target {
  readonly origin: string;
  readonly socketPath: string | undefined;
}

const targetOf = ({ url, unixSocket }: TransportOptions): Target => {
  const path = /^unix:(?:\/\/)?(\/.*)$/.exec(url)?.[1];
  return path === undefined
    ? { origin: new URL(url).origin, socketPath: unixSocket }
    : { origin: 'http://localhost', socketPath: unixSocket ?? path };
};

const rootCause = (error: Error): string => {
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
};

/** Throws a TypeError if the URL is none. */
export const createTransport = (options: TransportOptions): Transport => {
  const { origin, socketPath } = targetOf(options);
  const pool = new Pool(origin, {
    connect: { timeout: CONNECT_TIMEOUT_MS, ...(socketPath === undefined ? {} : { socketPath }) },
    pipelining: 1, // a command must not wait behind another
  });
  const authorization =
    options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };

  const broken = (error: unknown, signal: AbortSignal | undefined): ClientError =>
    signal?.aborted === true
      ? { type: 'Aborted', message: 'the request was canceled' }
      : {
          type: 'Unreachable',
          message: `cannot reach warmpool at ${options.url}: ${rootCause(E.toError(error))}`,
          cause: error,
        };

  return {
    broken,
    send: async ({ method, path, body, slow, signal }) => {
      const timeout = slow === true ? 0 : QUICK_REPLY_MS;
      try {
        const response = await pool.request({
          method,
          path,
          headersTimeout: timeout,
          bodyTimeout: timeout,
          headers: {
            ...authorization,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body }),
          ...(signal === undefined ? {} : { signal }),
        });
        const succeeded = response.statusCode >= 200 && response.statusCode < 300;
        return succeeded ? E.right(response) : E.left(await readProblem(response));
      } catch (error) {
        return E.left(broken(error, signal));
      }
    },
    close: () => pool.destroy(),
  };
};
