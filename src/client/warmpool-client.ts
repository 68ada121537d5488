import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type * as t from 'io-ts';
import type { ClientError } from './client-error.js';
import { type OnOutput, readStream } from './read-stream.js';
import * as replies from './replies.js';
import {
  type ExecRequest,
  execBody,
  type LeaseRequest,
  type PoolRef,
  pathPart,
  poolPath,
  type ReleaseRequest,
  type ThreadRef,
  threadPath,
} from './requests.js';
import {
  createTransport,
  decodeBody,
  type TransportOptions,
  type TransportRequest,
} from './transport.js';

export type { TransportOptions as ClientOptions } from './transport.js';

/** Aborting it ends the request; a command is canceled with it. */
interface CallOptions {
  readonly signal?: AbortSignal;
}

type Call<A> = TaskEither<ClientError, A>;

/** The HTTP interface of warmpool, typed. Nothing is sent until a returned task is run. */
export interface WarmpoolClient {
  /** Runs a command and waits for its end, with all of its output. */
  readonly execute: (request: ExecRequest, options?: CallOptions) => Call<replies.ExecReply>;
  /** Runs a command and hands its output over as it comes. */
  readonly executeStream: (
    request: ExecRequest,
    onOutput: OnOutput,
    options?: CallOptions,
  ) => Call<replies.ExecExit>;
  /** Leases a sandbox for the thread, or renews its lease; `created` tells which. */
  readonly acquire: (
    request: LeaseRequest,
    options?: CallOptions,
  ) => Call<{ readonly lease: replies.Lease; readonly created: boolean }>;
  /** Right(true) if there was a lease to release. */
  readonly release: (request: ReleaseRequest) => Call<boolean>;
  /** The lease of the thread; a Problem of status 410 if there is none. */
  readonly lease: (thread: ThreadRef) => Call<replies.Lease>;
  /** The pools of a namespace, or of all. */
  readonly pools: (namespace?: string) => Call<readonly replies.Pool[]>;
  readonly pool: (pool: PoolRef) => Call<replies.Pool>;
  readonly sandboxes: (pool: PoolRef) => Call<readonly replies.SandboxItem[]>;
  readonly leases: (pool: PoolRef) => Call<replies.LeaseList>;
  readonly timeline: (pool: PoolRef, sandbox: string) => Call<readonly replies.TimelineItem[]>;
  /** Right if warmpool can run commands; a Problem of status 503 with the reasons if not. */
  readonly ready: Call<void>;
  /** Lets go of the connections; requests under way end. */
  readonly close: () => Promise<void>;
}

/** Half a surrogate pair has no percent-encoding: said as warmpool itself says it of a bad name. */
const badName: ClientError = {
  type: 'Problem',
  status: 400,
  message: 'a name in the request is not valid Unicode',
  problem: {
    type: 'urn:warmpool:problem:invalid-request',
    title: 'The request is not valid',
    status: 400,
    detail: 'a name in the request is not valid Unicode',
    errors: undefined,
    reasons: undefined,
  },
};

/** A path with names in it; Left for a name that no URL can hold. */
const safePath = (path: () => string): E.Either<ClientError, string> =>
  E.tryCatch(path, () => badName);

/** A client of the warmpool at `url`. Throws a TypeError if that is no URL. */
export const createClient = (options: TransportOptions): WarmpoolClient => {
  const transport = createTransport(options);

  const send = async (path: () => string, request: Omit<TransportRequest, 'path'>) => {
    const safe = safePath(path);
    return E.isLeft(safe) ? safe : transport.send({ ...request, path: safe.right });
  };

  const fetchAs =
    <A>(
      codec: t.Decoder<unknown, A>,
      path: () => string,
      request: Omit<TransportRequest, 'path'>,
    ) =>
    async (): Promise<E.Either<ClientError, { readonly status: number; readonly value: A }>> => {
      const response = await send(path, request);
      if (E.isLeft(response)) return response;
      try {
        const value = decodeBody(codec, await response.right.body.text());
        return E.isLeft(value)
          ? value
          : E.right({ status: response.right.statusCode, value: value.right });
      } catch (error) {
        return E.left(transport.broken(error, request.signal));
      }
    };

  const get =
    <A, B>(codec: t.Decoder<unknown, A>, path: () => string, pick: (value: A) => B): Call<B> =>
    async () => {
      const fetched = await fetchAs(codec, path, { method: 'GET' })();
      return E.isLeft(fetched) ? fetched : E.right(pick(fetched.right.value));
    };

  return {
    execute: (request, call) => async () => {
      const body = execBody(request, false);
      const sent = { method: 'POST', body, slow: true, signal: call?.signal } as const;
      const fetched = await fetchAs(replies.ExecReply, () => `${threadPath(request)}/exec`, sent)();
      return E.isLeft(fetched) ? fetched : E.right(fetched.right.value);
    },
    executeStream: (request, onOutput, call) => async () => {
      const body = execBody(request, true);
      const sent = { method: 'POST', body, slow: true, signal: call?.signal } as const;
      const response = await send(() => `${threadPath(request)}/exec`, sent);
      if (E.isLeft(response)) return response;
      try {
        return await readStream(response.right.body, onOutput);
      } catch (error) {
        return E.left(transport.broken(error, call?.signal));
      }
    },
    acquire: (request, call) => async () => {
      const { namespace: _namespace, pool: _pool, thread: _thread, ...wanted } = request;
      const body = JSON.stringify(wanted);
      const sent = { method: 'PUT', body, slow: true, signal: call?.signal } as const;
      const fetched = await fetchAs(replies.Lease, () => `${threadPath(request)}/lease`, sent)();
      if (E.isLeft(fetched)) return fetched;
      return E.right({ lease: fetched.right.value, created: fetched.right.status === 201 });
    },
    release: (request) => async () => {
      const query = request.epoch === undefined ? '' : `?epoch=${request.epoch}`;
      const path = (): string => `${threadPath(request)}/lease${query}`;
      // slow: the commands of the thread are canceled first
      const response = await send(path, { method: 'DELETE', slow: true });
      if (E.isLeft(response)) return response;
      await response.right.body.dump();
      return E.right(response.right.headers['warmpool-released'] === 'true');
    },
    lease: (thread) =>
      get(
        replies.Lease,
        () => `${threadPath(thread)}/lease`,
        (lease) => lease,
      ),
    pools: (namespace) => {
      const path = (): string =>
        namespace === undefined ? '/v1/pools' : `/v1/namespaces/${pathPart(namespace)}/pools`;
      return get(replies.PoolList, path, ({ items }) => items);
    },
    pool: (pool) =>
      get(
        replies.Pool,
        () => poolPath(pool),
        (found) => found,
      ),
    sandboxes: (pool) =>
      get(
        replies.SandboxList,
        () => `${poolPath(pool)}/sandboxes`,
        ({ items }) => items,
      ),
    leases: (pool) =>
      get(
        replies.LeaseList,
        () => `${poolPath(pool)}/leases`,
        (list) => list,
      ),
    timeline: (pool, sandbox) => {
      const path = (): string => `${poolPath(pool)}/sandboxes/${pathPart(sandbox)}/timeline`;
      return get(replies.Timeline, path, ({ items }) => items);
    },
    ready: get(
      replies.Ready,
      () => '/readyz',
      () => undefined,
    ),
    close: transport.close,
  };
};
