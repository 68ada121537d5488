import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import * as t from 'io-ts';
import { LABELS } from '../../api/labels.js';
import type { Clock } from '../../ports/clock.js';
import type { BackendError, ObservedSandbox } from '../../ports/sandbox-backend.js';
import { isOurs } from './container-labels.js';
import { decodeAnswer, type Engine } from './engine.js';
import { answered, toBackendError } from './errors.js';
import { ContainerDetails, ContainerSummary, fromDetails, fromSummary } from './from-container.js';

/** Look-ups are local to the engine, which may be busy starting containers. */
const LOOK_MS = 30_000;
/** A busy engine takes seconds to end processes and unmount. */
const REMOVE_MS = 60_000;
/** Stopped containers are looked at one by one, a few at a time. */
const LOOKS_AT_A_TIME = 8;

const UID = /^[0-9a-f]{64}$/;

/** Whether a uid can be a container's at all: anything else never goes into a request. */
export const isContainerId = (uid: string): boolean => UID.test(uid);

/** What a look at a container shows. */
export type Look =
  | { readonly type: 'Gone' }
  /** Somebody else's: only its id is known. */
  | { readonly type: 'Stranger'; readonly id: string }
  | { readonly type: 'Ours'; readonly sandbox: ObservedSandbox; readonly exitCode: number };

/** Reading and removing the containers of one installation. */
export interface Containers {
  readonly list: () => Promise<E.Either<BackendError, readonly ObservedSandbox[]>>;
  /** By id or name. */
  readonly look: (idOrName: string) => Promise<E.Either<BackendError, Look>>;
  /** With force and with its anonymous volumes; gone already, or being removed, is success. The caller knows that it is ours. */
  readonly remove: (id: string) => Promise<E.Either<BackendError, void>>;
}

export const createContainers = (options: {
  readonly engine: Engine;
  readonly installation: string;
  readonly clock: Clock;
}): Containers => {
  const { engine, installation, clock } = options;
  const view = () => ({ installation, now: clock.now() });

  const look: Containers['look'] = async (idOrName) => {
    const answer = await engine.call(LOOK_MS, (docker, abortSignal) =>
      docker.getContainer(idOrName).inspect({ abortSignal }),
    )();
    if (E.isLeft(answer)) {
      return answered(answer.left, 404)
        ? E.right({ type: 'Gone' })
        : E.left(toBackendError(answer.left));
    }
    const details = decodeAnswer(ContainerDetails, 'about a container', answer.right);
    if (E.isLeft(details)) return details;
    const sandbox = fromDetails(details.right, view());
    return E.right(
      O.isNone(sandbox)
        ? { type: 'Stranger', id: details.right.Id }
        : {
            type: 'Ours',
            sandbox: sandbox.value,
            exitCode: details.right.State.ExitCode,
          },
    );
  };

  /** A list does not say how a container ended. */
  const withReason = async (sandbox: ObservedSandbox): Promise<ObservedSandbox> => {
    const seen = await look(sandbox.uid);
    // If the second look fails, the first one is still true.
    return E.isRight(seen) && seen.right.type === 'Ours' ? seen.right.sandbox : sandbox;
  };

  const withReasons = async (
    sandboxes: readonly ObservedSandbox[],
  ): Promise<readonly ObservedSandbox[]> => {
    const running = sandboxes.filter(({ state }) => state !== 'Stopped');
    const stopped = sandboxes.filter(({ state }) => state === 'Stopped');
    const looked: ObservedSandbox[] = [];
    for (let at = 0; at < stopped.length; at += LOOKS_AT_A_TIME) {
      looked.push(...(await Promise.all(stopped.slice(at, at + LOOKS_AT_A_TIME).map(withReason))));
    }
    return [...running, ...looked];
  };

  return {
    look,
    list: async () => {
      const answer = await engine.call(LOOK_MS, (docker, abortSignal) =>
        docker.listContainers({
          all: true,
          filters: { label: [`${LABELS.installation}=${installation}`] },
          abortSignal,
        }),
      )();
      if (E.isLeft(answer)) return E.left(toBackendError(answer.left));
      const rows = decodeAnswer(t.array(ContainerSummary), 'a list of containers', answer.right);
      if (E.isLeft(rows)) return rows;
      const sandboxes = rows.right
        .filter(({ Labels }) => isOurs(installation, Labels ?? {}))
        .flatMap((row) => O.toUndefined(fromSummary(row, view())) ?? []);
      return E.right(await withReasons(sandboxes));
    },
    remove: async (id) => {
      const answer = await engine.call(REMOVE_MS, (docker, abortSignal) => {
        const how = { force: true, v: true, abortSignal };
        return docker.getContainer(id).remove(how);
      })();
      if (E.isRight(answer) || answered(answer.left, 404)) return E.right(undefined);
      const { left } = answer;
      return left.type === 'Answered' &&
        left.status === 409 &&
        /already in progress/.test(left.message)
        ? E.right(undefined)
        : E.left(toBackendError(left));
    },
  };
};
