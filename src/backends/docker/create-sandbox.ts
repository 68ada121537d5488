import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type {
  CreateError,
  CreateSandbox,
  ObservedSandbox,
  OnProgress,
  StartFailed,
} from '../../ports/sandbox-backend.js';
import { confirmStart } from './confirm-start.js';
import { ownershipLabels } from './container-labels.js';
import type { Containers } from './containers.js';
import type { Engine } from './engine.js';
import { answered, toBackendError } from './errors.js';
import { type Image, type Images, imageMissing } from './images.js';
import { openDirectory } from './open-directories.js';
import { type ContainerPlan, toContainer } from './to-container.js';

/** Making a container takes 10 ms, starting one 100 ms, and both many times that on a busy engine. */
const CREATE_MS = 60_000;
const START_MS = 60_000;
/** A name can be free again between a conflict and the look at who has it. */
const NAME_TRIES = 3;
/** What Docker takes for a name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]+$/;
const LONGEST_HOSTNAME = 63;

type Created = E.Either<CreateError, ObservedSandbox>;

const startFailed = (message: string, cause?: unknown): StartFailed => ({
  type: 'StartFailed',
  message,
  ...(cause === undefined ? {} : { cause }),
});

const checkUser = (plan: ContainerPlan, image: Image): E.Either<StartFailed, void> => {
  const uid = image.user.split(':')[0] ?? '';
  if (!plan.imageUserMustNotBeRoot || /^0*[1-9]\d*$/.test(uid)) return E.right(undefined);
  return E.left(
    startFailed(
      `runAsNonRoot is set and ${plan.image} runs as "${uid || 'root'}": set runAsUser to a number other than 0`,
    ),
  );
};

export interface SandboxMaker {
  readonly create: (request: CreateSandbox, onProgress: OnProgress) => Promise<Created>;
}

export const createSandboxMaker = (options: {
  readonly engine: Engine;
  readonly containers: Containers;
  readonly images: Images;
  readonly installation: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): SandboxMaker => {
  const { engine, containers, images, installation, clock, logger } = options;
  /** Templates with a sandbox that has come up: their command exists, which costs 20 ms to find out. */
  const proven = new Set<string>();

  const removeHalfMade = async (
    id: string,
    error: CreateError,
  ): Promise<E.Either<CreateError, never>> => {
    const removed = await containers.remove(id);
    if (E.isLeft(removed)) {
      logger.warn({ uid: id, error: removed.left }, 'could not remove a half-made container');
    }
    return E.left(error);
  };

  const make = (plan: ContainerPlan, request: CreateSandbox) =>
    engine.call(CREATE_MS, (docker, abortSignal) =>
      docker.createContainer({
        ...(request.name.length <= LONGEST_HOSTNAME ? { Hostname: request.name } : {}),
        ...plan.settings,
        name: request.name,
        Labels: { ...plan.labels, ...ownershipLabels(installation, request) },
        abortSignal,
      }),
    );

  /** Brings a made container up; a failure leaves none behind. */
  const start = async (
    id: string,
    plan: ContainerPlan,
    request: CreateSandbox,
  ): Promise<Created> => {
    const cannot = (why: string, cause?: unknown): StartFailed =>
      startFailed(`sandbox ${request.name} did not start: ${why}`, cause);
    for (const path of plan.openDirectories) {
      const opened = await openDirectory(engine, id, path)();
      if (E.isLeft(opened)) {
        const { message, cause } = opened.left;
        return removeHalfMade(id, cannot(`cannot prepare the volume ${path}: ${message}`, cause));
      }
    }
    const started = await engine.call(START_MS, (docker, abortSignal) =>
      docker.getContainer(id).start({ abortSignal }),
    )();
    if (E.isLeft(started) && !answered(started.left, 304)) {
      const { left } = started;
      // Nobody knows whether it started: the next create of the name finds out.
      if (left.type === 'Unreachable') return E.left(toBackendError(left));
      return removeHalfMade(id, cannot(left.message, left.cause));
    }
    if (!proven.has(request.templateHash)) await confirmStart(engine, clock, id);
    const look = await containers.look(id);
    if (E.isLeft(look)) return look;
    if (look.right.type !== 'Ours') return E.left(cannot('it was removed meanwhile'));
    const { sandbox, exitCode } = look.right;
    if (sandbox.state === 'Stopped') {
      return removeHalfMade(id, cannot(endedAtOnce(plan, exitCode, sandbox.reason)));
    }
    proven.add(request.templateHash);
    return E.right(sandbox);
  };

  /** The name is taken: by the same sandbox, made earlier, or by something that is not to be touched. */
  const adopt = async (plan: ContainerPlan, request: CreateSandbox): Promise<Created | 'Free'> => {
    const look = await containers.look(request.name);
    if (E.isLeft(look)) return look;
    if (look.right.type === 'Gone') return 'Free';
    if (look.right.type === 'Stranger') {
      const whose = `by a container that this installation did not make (${look.right.id.slice(0, 12)})`;
      return E.left(startFailed(`the name ${request.name} is taken ${whose}`));
    }
    const { sandbox } = look.right;
    if (sandbox.templateHash !== request.templateHash) {
      const other = `by a sandbox of another template (${sandbox.templateHash})`;
      return E.left(startFailed(`the name ${request.name} is taken ${other}`));
    }
    if (sandbox.state === 'Running') return E.right(sandbox);
    if (sandbox.state === 'Starting') return start(sandbox.uid, plan, request);
    // One that has run is not clean: another takes its place.
    const removed = await containers.remove(sandbox.uid);
    return E.isLeft(removed) ? removed : 'Free';
  };

  const makeOrAdopt = async (plan: ContainerPlan, request: CreateSandbox): Promise<Created> => {
    for (let tries = 0; tries < NAME_TRIES; tries += 1) {
      const made = await make(plan, request)();
      if (E.isRight(made)) return start(made.right.id, plan, request);
      const { left } = made;
      if (left.type === 'Unreachable') return E.left(toBackendError(left));
      if (left.status === 404 && /no such image/i.test(left.message)) {
        return E.left(imageMissing(plan.image, plan.pullPolicy));
      }
      if (left.status !== 409) {
        return E.left(
          startFailed(`cannot make sandbox ${request.name}: ${left.message}`, left.cause),
        );
      }
      const adopted = await adopt(plan, request);
      if (adopted !== 'Free') return adopted;
    }
    return E.left(startFailed(`the name ${request.name} is being given up by another container`));
  };

  return {
    create: async (request, onProgress) => {
      if (!NAME.test(request.name)) {
        return E.left(startFailed(`"${request.name}" is no name for a container`));
      }
      const plan = toContainer(request.template);
      if (E.isLeft(plan)) {
        const problems = plan.left.map(({ path, message }) => `${path} ${message}`);
        return E.left(startFailed(problems.join('; ')));
      }
      const { image, pullPolicy } = plan.right;
      const found = await images.ensure(image, pullPolicy, onProgress)();
      if (E.isLeft(found)) return found;
      const user = checkUser(plan.right, found.right);
      return E.isLeft(user) ? user : makeOrAdopt(plan.right, request);
    },
  };
};

/** Init reports a command that it cannot run the way shells do. */
const endedAtOnce = (
  plan: ContainerPlan,
  exitCode: number,
  reason = 'it ended at once',
): string => {
  const { Entrypoint, Cmd } = plan.settings;
  const command = (Array.isArray(Entrypoint) ? Entrypoint[0] : undefined) ?? Cmd?.[0];
  const which = command === undefined ? 'its command' : `its command "${command}"`;
  if (exitCode === 127)
    return `${which} is not in the image ${plan.image}, or ended at once with status 127`;
  if (exitCode === 126) return `${which} may not be run, or ended at once with status 126`;
  return `it ${reason} at once: give it a command that keeps running`;
};
