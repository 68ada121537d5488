import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Random } from '../../ports/random.js';
import type {
  BackendError,
  CreateError,
  ObservedSandbox,
  OnProgress,
  SandboxBackend,
  SandboxGone,
} from '../../ports/sandbox-backend.js';
import { createContainers, isContainerId } from './containers.js';
import { createSandboxMaker } from './create-sandbox.js';
import type { DockerEndpoint } from './endpoint.js';
import { createEngine } from './engine.js';
import { toBackendError } from './errors.js';
import { openExec } from './exec.js';
import { createImages } from './images.js';
import { toContainer } from './to-container.js';
import { watch } from './watch.js';

const PING_MS = 5000;

export interface DockerBackendOptions {
  readonly endpoint: DockerEndpoint;
  /** Labels what is made; nothing with another label, or none, is ever touched. */
  readonly installation: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

interface Creation {
  readonly templateHash: string;
  readonly result: Promise<E.Either<CreateError, ObservedSandbox>>;
  readonly listeners: Set<OnProgress>;
}

const gone = (uid: string): SandboxGone => ({
  type: 'SandboxGone',
  message: `there is no sandbox ${uid.slice(0, 12)}`,
  uid,
});

/** Sandboxes as containers of one Docker engine. Connects when it is first asked for something. */
export const createDockerBackend = (options: DockerBackendOptions): SandboxBackend => {
  const { endpoint, installation, clock, logger } = options;
  const engine = createEngine({ endpoint, clock });
  const containers = createContainers({ engine, installation, clock });
  const images = createImages(engine, clock);
  const maker = createSandboxMaker({ engine, containers, images, installation, clock, logger });
  const creating = new Map<string, Creation>();
  /** Ids known to be ours: what is asked of others is looked at first. */
  const ours = new Set<string>();

  /** Ids that are nobody's, or a stranger's, are none of ours. */
  const isOurs = async (uid: string): Promise<E.Either<BackendError, boolean>> => {
    if (ours.has(uid)) return E.right(true);
    if (!isContainerId(uid)) return E.right(false);
    const look = await containers.look(uid);
    if (E.isLeft(look)) return look;
    if (look.right.type === 'Ours') ours.add(uid);
    return E.right(look.right.type === 'Ours');
  };

  const create = async (
    request: Parameters<SandboxBackend['create']>[0],
    onProgress: OnProgress,
  ): Promise<E.Either<CreateError, ObservedSandbox>> => {
    const running = creating.get(request.name);
    if (running !== undefined) {
      running.listeners.add(onProgress);
      const result = await running.result;
      if (running.templateHash === request.templateHash) return result;
      return create(request, onProgress);
    }
    const listeners = new Set([onProgress]);
    const result = maker
      .create(request, (message) => {
        for (const listener of listeners) listener(message);
      })
      .finally(() => creating.delete(request.name));
    creating.set(request.name, { templateHash: request.templateHash, result, listeners });
    const created = await result;
    if (E.isRight(created)) ours.add(created.right.uid);
    return created;
  };

  return {
    kind: 'docker',
    checkTemplate: (template) => {
      const plan = toContainer(template);
      return E.isLeft(plan) ? plan : E.right(undefined);
    },
    ping: async () => {
      const answer = await engine.call(PING_MS, (docker) => docker.ping())();
      return E.isLeft(answer) ? E.left(toBackendError(answer.left)) : E.right(undefined);
    },
    list: async () => {
      const listed = await containers.list();
      if (E.isRight(listed)) {
        // Also forgets those that are gone; one made since this list was taken is looked at again.
        ours.clear();
        for (const { uid } of listed.right) ours.add(uid);
      }
      return listed;
    },
    create: (request, onProgress) => () => create(request, onProgress ?? (() => undefined)),
    destroy: (uid) => async () => {
      const known = await isOurs(uid);
      if (E.isLeft(known)) return known;
      // Gone already, or never ours.
      if (!known.right) return E.right(undefined);
      const removed = await containers.remove(uid);
      if (E.isRight(removed)) ours.delete(uid);
      return removed;
    },
    openExec: (uid, spec) => async () => {
      const known = await isOurs(uid);
      if (E.isLeft(known)) return known;
      return known.right ? openExec(engine, clock, uid, spec)() : E.left(gone(uid));
    },
    watch: (onHint, signal) => watch({ ...options, engine }, onHint, signal),
  };
};
