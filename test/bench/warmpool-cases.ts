import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { App } from '../../src/app.js';
import { POOL, waitUntil } from './bench-operator.js';
import { FIGURES } from './figures.js';
import type { OperatorHttp } from './operator-http.js';
import { type BenchCase, oneCall, RUN_IN, timed } from './run-cases.js';

/** Runs to its end; a failure ends the benchmark, as its time would count for nothing. */
const mustSucceed = async <A>(task: TaskEither<{ readonly message: string }, A>): Promise<A> => {
  const result = await task();
  if (E.isLeft(result)) throw new Error(result.left.message);
  return result.right;
};

/** Waits until released sandboxes are clean again: only a lease that is warm is to be measured. */
const allReady = (http: OperatorHttp, replicas: number): Promise<void> =>
  waitUntil('sandboxes ready again', async () => (await http.readyReplicas()) >= replicas, {
    everyMs: 2,
    limitMs: 30_000,
  });

/** Over HTTP, to an operator in a process of its own. */
export const httpCases = (http: OperatorHttp, replicas: number): readonly BenchCase[] => [
  oneCall({
    name: FIGURES.http,
    row: 20,
    warmUp: true,
    runIn: RUN_IN,
    call: () => http.execute('steady', { command: 'true' }),
  }),
  {
    name: FIGURES.httpAcquire,
    row: 20,
    warmUp: true,
    sample: async () => {
      await allReady(http, replicas);
      return {
        [FIGURES.httpAcquire]: await timed(() => http.acquire('passing')),
        [FIGURES.httpRelease]: await timed(() => http.release('passing')),
      };
    },
    settle: () => allReady(http, replicas),
  },
];

const lease = (thread: string) => ({
  pool: { namespace: 'default', name: POOL },
  tenant: 'default',
  thread,
});

/** Inside the process that runs the operator. `http` is only asked when sandboxes are ready. */
export const inProcessCases = (
  app: App,
  http: OperatorHttp,
  replicas: number,
): readonly BenchCase[] => {
  const never = new AbortController().signal;
  const execute = app.execute({ ...lease('steady'), command: 'true' }, () => undefined, never);
  const acquire = app.leases.acquire({ ...lease('passing'), renew: false });
  const release = app.leases.release(lease('passing'));
  return [
    oneCall({
      name: FIGURES.inProcess,
      row: 20,
      warmUp: true,
      runIn: RUN_IN,
      call: () => mustSucceed(execute),
    }),
    {
      name: FIGURES.inProcessAcquire,
      row: 20,
      warmUp: true,
      sample: async () => {
        await allReady(http, replicas);
        return {
          [FIGURES.inProcessAcquire]: await timed(() => mustSucceed(acquire)),
          [FIGURES.inProcessRelease]: await timed(() => mustSucceed(release)),
        };
      },
      settle: () => allReady(http, replicas),
    },
  ];
};

/** Commands a second that `callers` get through in `ms` milliseconds, each thread shared by as many callers. */
export const measureThroughput = async (
  http: OperatorHttp,
  options: { readonly callers: number; readonly sandboxes: number; readonly ms: number },
): Promise<number> => {
  const threads = Array.from({ length: options.sandboxes }, (_, index) => `caller-${index}`);
  for (const thread of threads) await http.execute(thread, { command: 'true' });
  const end = performance.now() + options.ms;
  let done = 0;
  const caller = async (index: number): Promise<void> => {
    const thread = threads[index % threads.length] ?? 'caller-0';
    while (performance.now() < end) {
      await http.execute(thread, { command: 'true' });
      done += 1;
    }
  };
  const taken = await timed(() =>
    Promise.all(Array.from({ length: options.callers }, (_, index) => caller(index))),
  );
  for (const thread of threads) await http.release(thread);
  return (done * 1_000) / taken;
};
