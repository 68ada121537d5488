import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import * as E from 'fp-ts/lib/Either.js';
import * as O from 'fp-ts/lib/Option.js';
import * as t from 'io-ts';
import { LABELS } from '../../api/labels.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Random } from '../../ports/random.js';
import type { BackendHint } from '../../ports/sandbox-backend.js';
import { backoffMs } from '../../runtime/backoff.js';
import { readOwnership } from './container-labels.js';
import type { Engine } from './engine.js';
import { readLines } from './read-lines.js';
import { toReadable } from './to-readable.js';

/** The engine answers at once, before the first event. */
const OPEN_MS = 30_000;
/** Quick at first, as an engine that restarts is back within seconds. */
const BACKOFF = { firstMs: 100, longestMs: 5000 };
/** A connection that lasted so long was a good one: the next trouble starts counting anew. */
const HEALTHY_MS = 10_000;
/** The engine answers a little before it listens to its own events: what happens in between is asked for again. */
const OVERLAP_SECONDS = 2;
const KEEP_ALIVE_MS = 30_000;

/** Docker's names, and Podman's where it has others. */
const EVENTS = ['create', 'start', 'die', 'oom', 'pause', 'unpause', 'destroy', 'remove'];

const EngineEvent = t.type({
  time: t.number,
  Actor: t.type({ ID: t.string, Attributes: t.record(t.string, t.string) }),
});

export interface WatchOptions {
  readonly engine: Engine;
  readonly installation: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** Sleeps, but not past the abort. */
const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = clock.setTimer(ms, wake);
    signal.addEventListener('abort', wake);
    return undefined;
  });

const openEvents = async (
  { engine, installation }: WatchOptions,
  since: number,
): Promise<E.Either<string, Readable>> => {
  const answer = await engine.call(OPEN_MS, (docker, abortSignal) =>
    docker.getEvents({
      since,
      filters: {
        type: ['container'],
        event: EVENTS,
        label: [`${LABELS.installation}=${installation}`],
      },
      abortSignal,
    }),
  )();
  if (E.isLeft(answer)) return E.left(answer.left.message);
  const stream = answer.right;
  if (stream instanceof IncomingMessage) stream.socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return E.right(toReadable(stream));
};

/** Hints for as long as the engine's events come; says when the last one was, in the engine's seconds. */
const follow = async (
  stream: Readable,
  installation: string,
  onHint: (hint: BackendHint) => void,
  heard: (time: number) => void,
): Promise<void> => {
  for await (const line of readLines(stream)) {
    const event = parse(line);
    if (!EngineEvent.is(event)) continue;
    heard(event.time);
    const owned = readOwnership(installation, event.Actor.Attributes);
    if (O.isNone(owned)) continue;
    onHint({ type: 'SandboxChanged', pool: owned.value.pool, uid: event.Actor.ID });
  }
};

/** One connection from beginning to end. Gives the reason why there is none, or no more. */
const watchOnce = async (
  options: WatchOptions,
  since: { seconds: number },
  onHint: (hint: BackendHint) => void,
  signal: AbortSignal,
): Promise<string> => {
  const opened = await openEvents(options, since.seconds);
  if (E.isLeft(opened)) return opened.left;
  const stream = opened.right;
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  else onHint({ type: 'EverythingMayHaveChanged' });
  try {
    await follow(stream, options.installation, onHint, (time) => {
      since.seconds = Math.max(since.seconds, Math.floor(time) - OVERLAP_SECONDS);
    });
    return 'the engine ended the stream of events';
  } catch (cause) {
    return `the stream of events broke: ${E.toError(cause).message}`;
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
};

/**
 * Hints from the engine's events, over a connection that is made anew whenever it ends. Each new
 * connection begins with a hint that anything may have changed.
 */
export const watch = async (
  options: WatchOptions,
  onHint: (hint: BackendHint) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, random, logger } = options;
  const since = { seconds: Math.floor(clock.now() / 1000) - OVERLAP_SECONDS };
  let failures = 0;
  while (!signal.aborted) {
    const began = clock.monotonic();
    const error = await watchOnce(options, since, onHint, signal);
    if (signal.aborted) return;
    failures = clock.monotonic() - began > HEALTHY_MS ? 1 : failures + 1;
    const message = 'lost the events of the Docker engine, trying again';
    if (failures === 1) logger.warn({ error, failures }, message);
    else logger.debug({ error, failures }, message);
    await pause(clock, backoffMs(BACKOFF, failures) * (0.5 + random.fraction() / 2), signal);
  }
};
