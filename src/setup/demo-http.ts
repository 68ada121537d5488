import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ExecReply, Pool } from '../client/replies.js';
import type { WarmpoolClient } from '../client/warmpool-client.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/** What the demo does over HTTP, with one pool. */
export interface DemoHttp {
  readonly execute: (thread: string, command: string) => TaskEither<SetupFailed, DemoResult>;
  readonly release: (thread: string) => TaskEither<SetupFailed, void>;
  /** How many sandboxes of the pool are ready; Left as long as the operator does not answer. */
  readonly readiness: TaskEither<SetupFailed, Readiness>;
  /** The container of a sandbox. */
  readonly containerOf: (sandbox: string) => TaskEither<SetupFailed, string>;
}

export interface DemoResult extends ExecReply {
  /** Milliseconds from sending the request until the whole answer was here. */
  readonly elapsedMs: number;
}

export interface Readiness {
  readonly ready: number;
  /** What the pool says about itself, for people: why it is not ready, or how far a pull is. */
  readonly remark?: string;
}

const PROGRESS_ANNOTATION = 'warmpool.dev/progress';

const readinessOf = ({ metadata, status }: Pool): Readiness => {
  const degraded = status?.conditions?.find(
    ({ type, status: holds }) => type === 'Degraded' && holds === 'True',
  );
  const remark = degraded?.message ?? metadata.annotations?.[PROGRESS_ANNOTATION];
  const ready = status?.readyReplicas ?? 0;
  return remark === undefined ? { ready } : { ready, remark };
};

/** The client's calls with the demo's own kind of failure. */
const orSetupFailed =
  <A>(call: TaskEither<{ readonly message: string }, A>): TaskEither<SetupFailed, A> =>
  async () =>
    E.mapLeft(({ message }: { readonly message: string }) => setupFailed(message))(await call());

export const demoHttp = (
  client: WarmpoolClient,
  pool: { readonly namespace: string; readonly pool: string },
  signal: AbortSignal,
): DemoHttp => ({
  execute: (thread, command) => async () => {
    const start = performance.now();
    const call = client.execute({ ...pool, thread, command }, { signal });
    const reply = await orSetupFailed(call)();
    const elapsedMs = performance.now() - start;
    return E.map((result: ExecReply): DemoResult => ({ ...result, elapsedMs }))(reply);
  },
  release: (thread) => async () =>
    E.map(() => undefined)(await orSetupFailed(client.release({ ...pool, thread }))()),
  readiness: async () => E.map(readinessOf)(await orSetupFailed(client.pool(pool))()),
  containerOf: (sandbox) => async () => {
    const items = await orSetupFailed(client.sandboxes(pool))();
    if (E.isLeft(items)) return items;
    const uid = items.right.find(({ name }) => name === sandbox)?.uid;
    return uid === undefined ? E.left(setupFailed(`the sandbox ${sandbox} is gone`)) : E.right(uid);
  },
});
