import type { Readable } from 'node:stream';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { BackendUnavailable, ImageMissing, OnProgress } from '../../ports/sandbox-backend.js';
import type { Engine } from './engine.js';
import { type EngineProblem, unavailable } from './errors.js';
import { createPullProgress, type PullProgress } from './pull-progress.js';
import { readLines } from './read-lines.js';
import { toReadable } from './to-readable.js';

export type PullError = BackendUnavailable | ImageMissing;

/** The engine answers once the registry has; a registry far away may take its time. */
const ANSWER_MS = 60_000;
/** No byte for so long means that nothing will come; slow registries still send something each second. */
const STALL_MS = 120_000;
/** However slow a line: nobody waits longer for an image. */
const LONGEST_MS = 60 * 60_000;

const missing = (image: string, why: string, cause?: unknown): ImageMissing => ({
  type: 'ImageMissing',
  message: `cannot pull ${image}: ${why}. Check the name and the registry, or load the image into the engine and set imagePullPolicy to IfNotPresent`,
  image,
  ...(cause === undefined ? {} : { cause }),
});

const refused = (image: string, problem: EngineProblem): PullError =>
  problem.type === 'Unreachable'
    ? unavailable(problem.message, problem.cause)
    : missing(image, problem.message, problem.cause);

/** Destroys a stream that has been silent for too long, or has gone on for too long. */
const watchdog = (clock: Clock, giveUp: (why: string) => void) => {
  const arm = (): Timer =>
    clock.setTimer(STALL_MS, () => giveUp(`nothing came for ${STALL_MS / 1000} s`));
  let stall = arm();
  const end = clock.setTimer(LONGEST_MS, () => giveUp('it took longer than an hour'));
  return {
    alive: (): void => {
      stall.cancel();
      stall = arm();
    },
    stop: (): void => {
      stall.cancel();
      end.cancel();
    },
  };
};

/** Reads the answer of a pull to its end. */
const follow = async (
  stream: Readable,
  options: { readonly image: string; readonly clock: Clock; readonly progress: PullProgress },
  onProgress: OnProgress,
): Promise<E.Either<PullError, void>> => {
  const { image, clock, progress } = options;
  let gaveUp: string | undefined;
  const guard = watchdog(clock, (why) => {
    gaveUp = why;
    stream.destroy();
  });
  let shown = '';
  try {
    for await (const line of readLines(stream)) {
      guard.alive();
      progress.take(line);
      const message = `pulling ${image}: ${progress.text()}`;
      if (message !== shown) onProgress(message);
      shown = message;
    }
  } catch (cause) {
    if (gaveUp === undefined) {
      return E.left(unavailable(`the Docker engine went away while pulling ${image}`, cause));
    }
  } finally {
    guard.stop();
  }
  const error = gaveUp ?? progress.error();
  return error === undefined ? E.right(undefined) : E.left(missing(image, error));
};

/** Pulls one image, as the engine's own defaults have it: no credentials are sent. */
export const pull =
  (
    engine: Engine,
    clock: Clock,
    image: string,
    onProgress: OnProgress,
  ): TaskEither<PullError, void> =>
  async () => {
    onProgress(`pulling ${image}`);
    const answer = await engine.call(ANSWER_MS, (docker, abortSignal) =>
      docker.pull(image, { abortSignal }),
    )();
    if (E.isLeft(answer)) return E.left(refused(image, answer.left));
    return follow(
      toReadable(answer.right),
      { image, clock, progress: createPullProgress() },
      onProgress,
    );
  };
