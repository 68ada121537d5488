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
import { type CleanUpFailed, cleanUp } from './reconcile/clean-up.js';
import { createLeaseController } from './reconcile/create-lease-controller.js';
import { createSandboxTable } from './reconcile/create-sandbox-table.js';
import type { LeaseController } from './reconcile/leases.js';
import { createOperatorRun } from './reconcile/operator-run.js';
import { createPoolReconciler } from './reconcile/pool-reconciler.js';
import { createFilePoolStore } from './stores/file/file-pool-store.js';
import { openLocalState } from './stores/file/local-state.js';
import type { StateDirectoryProblem } from './stores/file/state-directory.js';
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
  readonly stop: (options: StopOptions) => Promise<E.Either<CleanUpFailed, void>>;
}

/** Callers of a local operator are one tenant: whoever may connect, or has the token. */
const LOCAL_TENANT = 'default';
/** After the grace: the replies of commands that ended in it need a moment to leave. */
const REPLY_MS = 2000;
/** Commands that outlived the grace get this long to be killed, which takes TERM, 2 s of mercy, and KILL. */
const LAST_KILL_MS = 6000;

/**
 * Builds an operator for local use and starts it: manifests from files, sandboxes on a Docker engine,
 * leases in the state directory. Everything that can be wrong with what the user gave is found before
 * the engine is touched; an engine that does not answer is waited for, while the gateway says so.
 */
export const startApp =
  (options: AppOptions): TaskEither<StartProblem, App> =>
  async () => {
    const { clock, random, logger, version } = options;
    const state = await openLocalState({ path: options.stateDirectory, random, logger })();
    if (E.isLeft(state)) return state;
    const { installation, leases: store, stored } = state.right;
    const backend = createDockerBackend({
      endpoint: options.docker,
      installation,
      clock,
      random,
      logger,
    });
    const { checkTemplate } = backend;
    const read = await createFilePoolStore({
      paths: options.manifests,
      clock,
      logger,
      checkTemplate,
    });
    if (E.isLeft(read)) {
      await state.right.close();
      return E.left({ type: 'BadManifests', problems: read.left });
    }
    const pools = read.right;

    const { metrics, text: metricsText } = createPromMetrics({ version });
    const table = createSandboxTable({ clock });
    const exec = createSandboxExec({ backend, clock, random, logger });
    const common = { pools, table, clock, random, logger, metrics };
    const controller = createLeaseController({
      ...common,
      store,
      stored,
      kick: (pool) => reconciler.poke(pool),
    });
    const { queueLength, recordedLeases, forgetSandbox } = controller;
    const reconciler = createPoolReconciler({
      ...common,
      backend,
      exec,
      queueLength,
      recordedLeases,
      forgetSandbox,
      installation,
    });
    const run = createOperatorRun({ pools, controller, reconciler });
    const { leases } = run;
    const execute = createExecute({ pools, leases, exec, clock, metrics, logger });
    const gateway = await createGateway({
      pools,
      leases,
      table,
      execute,
      clock,
      random,
      logger,
      metricsText,
      readiness: () => ({ ready: run.hindrances().length === 0, reasons: run.hindrances() }),
      progress: reconciler.progress,
      ...(options.token === undefined ? {} : { token: options.token }),
      tenant: LOCAL_TENANT,
      version,
    });
    const listening = await gateway.listen(options.listen);
    if (E.isLeft(listening)) {
      await gateway.close(0);
      await state.right.close();
      return listening;
    }
    const url = listening.right;
    logger.info({ url, installation, version }, 'listening');
    run.begin();

    const stop: App['stop'] = async ({ graceMs, cleanup }) => {
      logger.info({ graceMs, cleanup }, 'stopping');
      run.refuse();
      await controller.waitForCommands(graceMs);
      await gateway.close(REPLY_MS);
      // their callers are cut off now, which ends them: none must run on with nobody to watch its time
      await controller.waitForCommands(LAST_KILL_MS);
      await controller.flush();
      await run.end();
      const cleaned = cleanup ? await cleanUp({ reconciler, store, logger }) : E.right(undefined);
      exec.close();
      await state.right.close();
      logger.info({}, 'stopped');
      return cleaned;
    };
    let stopped: ReturnType<App['stop']> | undefined;
    return E.right({
      url,
      leases,
      execute,
      stop: (stopOptions) => {
        stopped ??= stop(stopOptions);
        return stopped;
      },
    });
  };
