import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { EngineAddress } from './engine-http.js';
import { hasImage, pullImage } from './engine-images.js';
import { buildBusyboxImage, buildPythonImage } from './local-images.js';
import type { Progress } from './progress.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

const PUBLIC_PYTHON = { repository: 'python', tag: '3.13-alpine' };
const LOCAL_PYTHON = { repository: 'warmpool.local/python', tag: '3' };
const LOCAL_BUSYBOX = { repository: 'warmpool.local/busybox', tag: '1' };

/** A registry that can be reached answers within this time, also over a slow line. */
const REGISTRY_ANSWER_MS = 20_000;
/** A download that stands still for so long will not go on. */
const REGISTRY_STALL_MS = 60_000;

export interface EnsureImageOptions {
  readonly engine: EngineAddress;
  /** Builds the local image anew even if it, or the public one, is there. */
  readonly force: boolean;
  /** The image to use whatever else there is; it must be there. */
  readonly wanted?: string;
  readonly progress: Progress;
}

interface ImageName {
  readonly repository: string;
  readonly tag: string;
}

const nameOf = (image: ImageName): string => `${image.repository}:${image.tag}`;

/** The image to run sandboxes from: the public one, or one built here where no registry answers. */
export const ensurePythonImage =
  (options: EnsureImageOptions): TaskEither<SetupFailed, string> =>
  async () => {
    const { engine, progress, wanted } = options;
    if (wanted !== undefined) return requireImage(engine, wanted)();
    if (!options.force) {
      // an image that is there comes first: asking a registry that hangs would cost its time every time
      for (const image of [PUBLIC_PYTHON, LOCAL_PYTHON]) {
        const there = await hasImage(engine, nameOf(image))();
        if (E.isLeft(there)) return there;
        if (there.right) return E.right(nameOf(image));
      }
      progress(`pulling ${nameOf(PUBLIC_PYTHON)}`);
      const limits = { answerMs: REGISTRY_ANSWER_MS, stallMs: REGISTRY_STALL_MS };
      const pulled = await pullImage(engine, { ...PUBLIC_PYTHON, ...limits }, progress)();
      if (E.isRight(pulled)) return E.right(nameOf(PUBLIC_PYTHON));
      progress(`it cannot be pulled (${pulled.left.message}): building one here`);
    }
    const built = await buildPythonImage(engine, LOCAL_PYTHON, progress)();
    return E.isLeft(built) ? built : E.right(nameOf(LOCAL_PYTHON));
  };

/** The small image that tests and benchmarks run sandboxes from. */
export const ensureBusyboxImage =
  (options: EnsureImageOptions): TaskEither<SetupFailed, string> =>
  async () => {
    const there = await hasImage(options.engine, nameOf(LOCAL_BUSYBOX))();
    if (E.isLeft(there)) return there;
    if (there.right && !options.force) return E.right(nameOf(LOCAL_BUSYBOX));
    const built = await buildBusyboxImage(options.engine, LOCAL_BUSYBOX, options.progress)();
    return E.isLeft(built) ? built : E.right(nameOf(LOCAL_BUSYBOX));
  };

const requireImage =
  (engine: EngineAddress, image: string): TaskEither<SetupFailed, string> =>
  async () => {
    const there = await hasImage(engine, image)();
    if (E.isLeft(there)) return there;
    return there.right
      ? E.right(image)
      : E.left(setupFailed(`WARMPOOL_IMAGE: the engine has no image ${image}`));
  };
