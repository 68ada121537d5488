import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/** What the demo needs of the operator's HTTP interface. */
export interface DemoHttp {
  readonly execute: (thread: string, command: string) => TaskEither<SetupFailed, DemoResult>;
  readonly release: (thread: string) => TaskEither<SetupFailed, void>;
  /** How many sandboxes of the pool are ready; Left as long as the operator does not answer. */
  readonly readiness: TaskEither<SetupFailed, Readiness>;
  /** The container of a sandbox. */
  readonly containerOf: (sandbox: string) => TaskEither<SetupFailed, string>;
}

export interface DemoResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly sandbox: string;
  /** Milliseconds from sending the request until the whole answer was here. */
  readonly elapsedMs: number;
}

export interface Readiness {
  readonly ready: number;
  /** What the pool says about itself, for people: why it is not ready, or how far a pull is. */
  readonly remark?: string;
}

export interface DemoHttpOptions {
  readonly url: string;
  readonly pool: string;
  readonly token?: string;
  readonly signal: AbortSignal;
}

const execReply = t.type({
  exitCode: t.number,
  stdout: t.string,
  stderr: t.string,
  sandbox: t.string,
});

const poolReply = t.type({
  metadata: t.partial({ annotations: t.record(t.string, t.string) }),
  status: t.union([
    t.undefined,
    t.partial({
      readyReplicas: t.number,
      conditions: t.array(
        t.intersection([
          t.type({ type: t.string, status: t.string }),
          t.partial({ message: t.string }),
        ]),
      ),
    }),
  ]),
});

const sandboxesReply = t.type({
  items: t.array(t.intersection([t.type({ name: t.string }), t.partial({ uid: t.string })])),
});

const problemReply = t.partial({ title: t.string, detail: t.string });

const PROGRESS_ANNOTATION = 'warmpool.dev/progress';

const remarkOf = (pool: t.TypeOf<typeof poolReply>): string | undefined =>
  pool.status?.conditions?.find(({ type, status }) => type === 'Degraded' && status === 'True')
    ?.message ?? pool.metadata.annotations?.[PROGRESS_ANNOTATION];

export const demoHttp = (options: DemoHttpOptions): DemoHttp => {
  const base = `${options.url}/v1/namespaces/default/pools/${options.pool}`;

  const call =
    <A>(method: string, path: string, codec: t.Decoder<unknown, A>, body?: unknown) =>
    async (): Promise<E.Either<SetupFailed, A>> => {
      try {
        const response = await fetch(`${base}${path}`, {
          method,
          signal: options.signal,
          headers: {
            ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        const json: unknown = text === '' ? undefined : JSON.parse(text);
        if (!response.ok)
          return E.left(setupFailed(`${method} ${path}: ${problemText(response, json)}`));
        const decoded = codec.decode(json);
        return E.isRight(decoded)
          ? decoded
          : E.left(setupFailed(`${method} ${path}: an answer that is not as documented: ${text}`));
      } catch (error) {
        return E.left(setupFailed(`${method} ${base}${path}: ${E.toError(error).message}`));
      }
    };

  return {
    execute: (thread, command) => async () => {
      const start = performance.now();
      const reply = await call('POST', `/threads/${thread}/exec`, execReply, { command })();
      const elapsedMs = performance.now() - start;
      return E.map((result: t.TypeOf<typeof execReply>) => ({ ...result, elapsedMs }))(reply);
    },
    release: (thread) => async () =>
      E.map(() => undefined)(await call('DELETE', `/threads/${thread}/lease`, t.unknown)()),
    readiness: async () =>
      E.map((pool: t.TypeOf<typeof poolReply>): Readiness => {
        const remark = remarkOf(pool);
        const ready = pool.status?.readyReplicas ?? 0;
        return remark === undefined ? { ready } : { ready, remark };
      })(await call('GET', '', poolReply)()),
    containerOf: (sandbox) => async () => {
      const reply = await call('GET', '/sandboxes', sandboxesReply)();
      if (E.isLeft(reply)) return reply;
      const uid = reply.right.items.find(({ name }) => name === sandbox)?.uid;
      return uid === undefined
        ? E.left(setupFailed(`the sandbox ${sandbox} is gone`))
        : E.right(uid);
    },
  };
};

const problemText = (response: Response, json: unknown): string => {
  const problem = problemReply.decode(json);
  const text = E.isRight(problem) ? (problem.right.detail ?? problem.right.title) : undefined;
  return text ?? `HTTP status ${response.status}`;
};
