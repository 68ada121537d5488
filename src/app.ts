import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ManifestProblem } from './api/read-manifests.js';
import { createDockerBackend } from './backends/docker/docker-backend.js';
import type { DockerEndpoint } from './backends/docker/endpoint.js';
import { createExecute } from './exec/create-execute.js';
import { createSandboxExec } from './exec/create-sandbox-exec.js';
import type { Execute } from './exec/execute.js';
import type { ListenAddress } from './cli/listen-address.js';
import { createGateway, type ListenProblem } from './gateway/create-gateway.js';
import type { Clock } from './ports/clock.js';
import type { StoreFailed } from './ports/lease-store.js';
import type { Logger } from './ports/logger.js';
import type { Random } from './ports/random.js';
import { createLeaseController } from './reconcile/create-lease-controller.js';
import { createPoolReconciler } from './reconcile/pool-reconciler.js';
import { createSandboxTable } from './reconcile/create-sandbox-table.js';
import type { LeaseController } from './reconcile/leases.js';
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

/**
 * Builds an operator for local use and starts it: manifests from files, sandboxes on a Docker engine,
 * leases in the state directory. Everything that can be wrong with what the user gave is found before
 * the engine is touched; an engine that does not answer is waited for, while the gateway says so.
 */
export const startApp =
  (options: AppOptions): TaskEither<StartProblem, App> =>
  async () => {
    const { clock, random, logger } = options;
    const ending = new AbortController();
    const undo: (() => Promise<void>)[] = [];
    const undoAll = async (): Promise<void> => {
      ending.abort();
      for (const step of undo.toReversed()) await step();
    };
    const refuse = async <Problem>(problem: Problem): Promise<E.Either<Problem, never>> => {
      await undoAll();
      return E.left(problem);
    };

    const directory = await openStateDirectory({ path: options.stateDirectory, random })();
    if (E.isLeft(directory)) return directory;
    undo.push(directory.right.close);
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
    if (E.isLeft(pools)) return refuse({ type: 'BadManifests', problems: pools.left });
    const store = await openLeaseStore({ directory: directory.right.path, logger })();
    if (E.isLeft(store)) return refuse(store.left);
    undo.push(store.right.close);
    const stored = await store.right.load();
    if (E.isLeft(stored)) return refuse(stored.left);
    return E.left({ type: 'BadManifests', problems: [] });
  };
