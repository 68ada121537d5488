import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ManifestProblem } from './api/read-manifests.js';
import { createDockerBackend } from './backends/docker/docker-backend.js';
import type { DockerEndpoint } from './backends/docker/endpoint.js';
import type { ListenAddress } from './cli/listen-address.js';
import { createExecute } from './exec/create-execute.js';
import { createSandboxExec } from './exec/create-sandbox-exec.js';
import type { Execute } from './exec/execute.js';
import { createGateway, type ListenProblem } from './gateway/create-gateway.js';
import type { Clock } from './ports/clock.js';
import type { StoreFailed } from './ports/lease-store.js';
import type { Logger } from './ports/logger.js';
import type { Random } from './ports/random.js';
import { createLeaseController } from './reconcile/create-lease-controller.js';
import { createSandboxTable } from './reconcile/create-sandbox-table.js';
import { gateLeases } from './reconcile/gate-leases.js';
import type { LeaseController } from './reconcile/leases.js';
import { createPoolReconciler } from './reconcile/pool-reconciler.js';
import { createFilePoolStore } from './stores/file/file-pool-store.js';
import { openLeaseStore } from './stores/file/lease-store.js';
import { openStateDirectory, type StateDirectoryProblem } from './stores/file/state-directory.js';
import { createPromMetrics } from './telemetry/prom-metrics.js';

/** What a local operator is started with. */
export interface AppOptions {
  /** Manifest files, or directories of them. */
  readonly manifests: readonly string[];
  readonly stateDirectory: string;
  readonly listen: ListenAddress;
  /** Callers must present it as a bearer token; needed when others than this machine can connect. */
  readonly token?: string;
  readonly docker: DockerEndpoint;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly version: string;
}

/** Manifests that cannot be used, all problems of all files. */
export interface BadManifests {
  readonly type: 'BadManifests';
  readonly problems: readonly ManifestProblem[];
}

export type StartProblem = BadManifests | StateDirectoryProblem | StoreFailed | ListenProblem;

export interface StopOptions {
  /** How long commands under way may go on, in milliseconds. */
  readonly graceMs: number;
  /** Also ends all leases and removes all sandboxes; otherwise the next start takes them over. */
  readonly cleanup: boolean;
}

/** An operator that runs. */
export interface App {
  /** Where it listens. */
  readonly url: string;
  /** The lease controller and `execute`, for programs that run the operator inside themselves. */
  readonly leases: LeaseController;
  readonly execute: Execute;
  /** Idempotent; resolves once everything is flushed and let go. */
  readonly stop: (options: StopOptions) => Promise<void>;
}

/** Callers of a local operator are one tenant: whoever may connect, or has the token. */
const LOCAL_TENANT = 'default';
/** After the grace: commands are killed by then, and their replies need a moment to leave. */
const REPLY_MS = 2000;

/**
 * Builds an operator for local use and starts it: manifests from files, sandboxes on a Docker engine,
 * leases in the state directory. Everything that can be wrong with what the user gave is found before
 * the engine is touched; an engine that does not answer is waited for, while the gateway says so.
 */
export const startApp =
  (options: AppOptions): TaskEither<StartProblem, App> =>
  async () => {
    const { clock, random, logger } = options;
    const opened: (() => Promise<void>)[] = [];
    const letGo = async (): Promise<void> => {
      for (const close of opened.toReversed()) await close();
    };
    const refuse = async <Problem>(problem: Problem): Promise<E.Either<Problem, never>> => {
      await letGo();
      return E.left(problem);
    };

    const directory = await openStateDirectory({ path: options.stateDirectory, random })();
    if (E.isLeft(directory)) return directory;
    opened.push(directory.right.close);
    const { installation } = directory.right;
    const backend = createDockerBackend({
      endpoint: options.docker,
      installation,
      clock,
      random,
      logger,
    });
    const pools = await createFilePoolStore({
      paths: options.manifests,
      clock,
      logger,
      checkTemplate: backend.checkTemplate,
    });
    if (E.isLeft(pools)) return refuse({ type: 'BadManifests' as const, problems: pools.left });
    const store = await openLeaseStore({ directory: directory.right.path, logger })();
    if (E.isLeft(store)) return refuse(store.left);
    opened.push(store.right.close);
    const stored = await store.right.load();
    if (E.isLeft(stored)) return refuse(stored.left);

    const { metrics, text: metricsText } = createPromMetrics({ version: options.version });
    const table = createSandboxTable({ clock });
    const exec = createSandboxExec({ backend, clock, random, logger });
    const controller = createLeaseController({
      pools: pools.right,
      table,
      store: store.right,
      clock,
      random,
      logger,
      metrics,
      stored: stored.right,
      kick: (pool) => reconciler.poke(pool),
    });
    const reconciler = createPoolReconciler({
      backend,
      pools: pools.right,
      table,
      exec,
      queueLength: controller.queueLength,
      recordedLeases: controller.recordedLeases,
      forgetSandbox: controller.forgetSandbox,
      clock,
      random,
      logger,
      metrics,
      installation,
    });

    let adopted = false;
    let stopping: Promise<void> | undefined;
    const reasons = (): readonly string[] => [
      ...(stopping === undefined ? [] : ['stopping']),
      ...(adopted ? [] : ['taking over the sandboxes that the engine has']),
      ...[reconciler.backendProblem()].filter((problem) => problem !== undefined),
    ];
    const leases = gateLeases(controller, () =>
      adopted ? undefined : `not ready yet: ${reasons().join('; ')}`,
    );
    const execute = createExecute({ pools: pools.right, leases, exec, clock, metrics, logger });
    const gateway = await createGateway({
      pools: pools.right,
      leases,
      table,
      execute,
      clock,
      random,
      logger,
      metricsText,
      readiness: () => ({ ready: reasons().length === 0, reasons: reasons() }),
      progress: reconciler.progress,
      ...(options.token === undefined ? {} : { token: options.token }),
      tenant: LOCAL_TENANT,
      version: options.version,
    });
    const listening = await gateway.listen(options.listen);
    if (E.isLeft(listening)) {
      await gateway.close(0);
      return refuse(listening.left);
    }
    const url = listening.right;
    logger.info({ url, installation, version: options.version }, 'listening');

    const ending = new AbortController();
    const work = async (): Promise<void> => {
      if (!(await reconciler.adopt(controller.liveUids(), ending.signal))) return;
      controller.start(ending.signal);
      adopted = true;
      await reconciler.start(ending.signal);
    };
    const worked = work();

    const stop = async ({ graceMs, cleanup }: StopOptions): Promise<void> => {
      logger.info({ graceMs, cleanup }, 'stopping');
      controller.stop();
      await controller.waitForCommands(graceMs);
      await gateway.close(REPLY_MS);
      await controller.flush();
      ending.abort();
      await worked;
      if (cleanup) await removeAll();
      exec.close();
      await letGo();
      logger.info({}, 'stopped');
    };

    const removeAll = async (): Promise<void> => {
      const removed = await reconciler.removeEverything();
      const left = await store.right.load();
      if (E.isRight(left)) {
        const { leases: deleteLeases, sandboxes } = left.right;
        // a sandbox that is still there was perhaps used: its record keeps it from being handed on
        const deleteSandboxes = E.isRight(removed) ? sandboxes.map(({ uid }) => uid) : [];
        await store.right.commit({ deleteLeases, deleteSandboxes })();
      }
      if (E.isRight(removed)) {
        logger.info({ sandboxes: removed.right }, 'removed all sandboxes');
      } else {
        logger.error({ error: removed.left }, 'sandboxes could not be removed');
      }
    };

    return E.right({
      url,
      leases,
      execute,
      stop: (stopOptions) => {
        stopping ??= stop(stopOptions);
        return stopping;
      },
    });
  };
