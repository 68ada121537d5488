import * as E from 'fp-ts/lib/Either.js';
import type { PoolKey } from '../../src/api/pool-key.js';
import type { Sandbox } from '../../src/core/pool/sandbox.js';
import type { SandboxExec } from '../../src/exec/sandbox-exec.js';
import type { LogFields, Logger } from '../../src/ports/logger.js';
import type { Metrics } from '../../src/ports/metrics.js';
import type { StoredPool } from '../../src/ports/pool-store.js';
import { createSandboxTable } from '../../src/reconcile/create-sandbox-table.js';
import { createPoolReconciler } from '../../src/reconcile/pool-reconciler.js';
import { memoryPools } from './builders.js';
import { countableRandom } from './countable-random.js';
import { createFakeBackend, type FakeBackend } from './fake-backend.js';
import { type ManualClock, manualClock, settle } from './manual-clock.js';
import { silentMetrics } from './silent-metrics.js';

/** Warming and cleaning succeed at once unless the test says otherwise. */
export interface FakeWarming {
  readonly exec: SandboxExec;
  /** The sandboxes warmed, cleaned and forgotten, by uid, in order. */
  readonly warmed: string[];
  readonly cleaned: string[];
  readonly forgotten: string[];
  /** What the next warming and cleaning answers: a message means failure; a promise holds it up. */
  warmProblem: (uid: string) => string | undefined | Promise<undefined>;
  cleanProblem: (uid: string) => string | undefined;
}

const fakeWarming = (): FakeWarming => {
  const warming: FakeWarming = {
    warmed: [],
    cleaned: [],
    forgotten: [],
    warmProblem: () => undefined,
    cleanProblem: () => undefined,
    exec: {
      warm: (uid) => async () => {
        warming.warmed.push(uid);
        const message = await warming.warmProblem(uid);
        return message === undefined ? E.right(undefined) : E.left({ type: 'WarmFailed', message });
      },
      clean: (uid) => async () => {
        warming.cleaned.push(uid);
        const message = warming.cleanProblem(uid);
        return message === undefined
          ? E.right(undefined)
          : E.left({ type: 'CleanFailed', message });
      },
      forget: (uid) => void warming.forgotten.push(uid),
      close: () => undefined,
      run: () => async () =>
        E.left({ type: 'ExecUnavailable', message: 'these tests run no commands' }),
    },
  };
  return warming;
};

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

const recordingLogger = (lines: LogLine[]): Logger => {
  const at = (level: LogLine['level']) => (fields: LogFields, message: string) =>
    void lines.push({ level, message, fields });
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
};

/** A pool reconciler at work on a fake backend, and all that a test wants to see or turn. */
export const poolWorld = (
  pools: readonly StoredPool[],
  given: { readonly backend?: FakeBackend; readonly clock?: ManualClock } = {},
) => {
  const clock = given.clock ?? manualClock();
  const random = countableRandom();
  const backend = given.backend ?? createFakeBackend({ clock, random });
  const store = memoryPools(...pools);
  const table = createSandboxTable({ clock });
  const warming = fakeWarming();
  const log: LogLine[] = [];
  const recycled: string[] = [];
  const queues = new Map<string, number>();
  const recorded = new Map<string, number>();
  const forgotten: string[] = [];
  const metrics: Metrics = {
    ...silentMetrics,
    sandboxRecycled: (_pool, reason) => void recycled.push(reason),
  };
  const reconciler = createPoolReconciler({
    backend,
    pools: store,
    table,
    exec: warming.exec,
    queueLength: ({ name }) => queues.get(name) ?? 0,
    recordedLeases: (uid) => recorded.get(uid) ?? 0,
    forgetSandbox: (uid) => void forgotten.push(uid),
    clock,
    random,
    logger: recordingLogger(log),
    metrics,
    installation: 'test',
  });
  const key: PoolKey = pools[0]?.key ?? { namespace: 'default', name: 'python' };
  const ending = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const inPhase = (phase: Sandbox['phase'], pool = key) =>
    table
      .list(pool)
      .flatMap((each) =>
        each.phase === phase && each.uid !== undefined ? [{ ...each, uid: each.uid }] : [],
      );
  return {
    clock,
    backend,
    pools: store,
    table,
    warming,
    log,
    recycled,
    queues,
    recorded,
    forgotten,
    reconciler,
    key,
    inPhase,
    /** Uids of the sandboxes that are Ready. */
    ready: (pool = key): readonly string[] => inPhase('Ready', pool).map(({ uid }) => uid),
    condition: (type: string, pool = key) =>
      store.getStatus(pool)?.conditions.find((each) => each.type === type),
    /** Adopts what is there and begins to work; does not wait for a silent backend. */
    start: async (leased: readonly string[] = []): Promise<void> => {
      running = reconciler.adopt(new Set(leased), ending.signal).then(async (adopted) => {
        if (adopted) await reconciler.start(ending.signal);
      });
      await settle();
    },
    /** As when the process ends: nothing is cleaned up. */
    stop: async (): Promise<void> => {
      ending.abort();
      let ended = false;
      const end = Promise.resolve(running).then(() => {
        ended = true;
      });
      await settle();
      // work that hangs is given up after some seconds
      if (!ended) await clock.advance(5000);
      await end;
    },
    lease: (uid: string): boolean => table.move(uid, 'Ready', 'Leased'),
  };
};

export type PoolWorld = ReturnType<typeof poolWorld>;
