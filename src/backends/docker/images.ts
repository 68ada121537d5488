import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { Clock } from '../../ports/clock.js';
import type { BackendError, ImageMissing, OnProgress } from '../../ports/sandbox-backend.js';
import { decodeAnswer, type Engine } from './engine.js';
import { answered, toBackendError } from './errors.js';
import type { PullPolicy } from './image-reference.js';
import { type PullError, pull } from './pull.js';

/** A local look-up. */
const INSPECT_MS = 30_000;

const ImageDetails = t.type({
  Config: t.union([t.partial({ User: t.string }), t.null, t.undefined]),
});

/** An image that is on the engine. */
export interface Image {
  /** Who its processes run as: `''` is root. */
  readonly user: string;
}

export interface Images {
  /** Makes sure that the image is there, as the policy says. Callers that want the same image at the same time share one pull. */
  readonly ensure: (
    image: string,
    policy: PullPolicy,
    onProgress: OnProgress,
  ) => TaskEither<BackendError | ImageMissing, Image>;
}

interface Pulling {
  readonly result: Promise<E.Either<PullError, void>>;
  readonly listeners: Set<OnProgress>;
}

export const imageMissing = (image: string, policy: PullPolicy): ImageMissing => ({
  type: 'ImageMissing',
  message: `there is no image ${image} on the engine${
    policy === 'Never' ? ' and its imagePullPolicy is Never' : ''
  }: pull, build or load it there`,
  image,
});

export const createImages = (engine: Engine, clock: Clock): Images => {
  const pulling = new Map<string, Pulling>();

  const find = async (image: string): Promise<E.Either<BackendError, Image | undefined>> => {
    const answer = await engine.call(INSPECT_MS, (docker) => docker.getImage(image).inspect())();
    if (E.isLeft(answer)) {
      return answered(answer.left, 404) ? E.right(undefined) : E.left(toBackendError(answer.left));
    }
    const details = decodeAnswer(ImageDetails, `about the image ${image}`, answer.right);
    return E.map((found: t.TypeOf<typeof ImageDetails>) => ({ user: found.Config?.User ?? '' }))(
      details,
    );
  };

  const pullShared = async (
    image: string,
    onProgress: OnProgress,
  ): Promise<E.Either<PullError, void>> => {
    const running = pulling.get(image);
    if (running !== undefined) {
      running.listeners.add(onProgress);
      return running.result;
    }
    const listeners = new Set([onProgress]);
    const tell: OnProgress = (message) => {
      for (const listener of listeners) listener(message);
    };
    const result = pull(engine, clock, image, tell)().finally(() => pulling.delete(image));
    pulling.set(image, { result, listeners });
    return result;
  };

  return {
    ensure: (image, policy, onProgress) => async () => {
      if (policy !== 'Always') {
        const found = await find(image);
        if (E.isLeft(found)) return found;
        if (found.right !== undefined) return E.right(found.right);
        if (policy === 'Never') return E.left(imageMissing(image, policy));
      }
      const pulled = await pullShared(image, onProgress);
      if (E.isLeft(pulled)) return pulled;
      const found = await find(image);
      if (E.isLeft(found)) return found;
      return found.right === undefined ? E.left(imageMissing(image, policy)) : E.right(found.right);
    },
  };
};
