import { createReadStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { askEngine, callEngine, type EngineAddress } from './engine-http.js';
import type { Progress } from './progress.js';
import { createPullProgress, type LayerReport } from './pull-progress.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

const ASK_LIMIT_MS = 30_000;
/** Importing writes a few hundred MB to disk. */
const IMPORT_LIMIT_MS = 300_000;

/** Whether the engine has an image of that name. */
export const hasImage =
  (engine: EngineAddress, image: string): TaskEither<SetupFailed, boolean> =>
  async () => {
    const answer = await askEngine(engine, {
      method: 'GET',
      path: `/images/${image}/json`,
      signal: AbortSignal.timeout(ASK_LIMIT_MS),
    })();
    if (E.isLeft(answer)) return answer;
    const { status, body } = answer.right;
    if (status === 200) return E.right(true);
    if (status === 404) return E.right(false);
    return E.left(setupFailed(`the engine answers ${status} about ${image}: ${body.toString()}`));
  };

/** One line of the engine's report on a long operation. */
interface ReportLine extends LayerReport {
  /** Inside a report that began well. */
  readonly error?: string;
  /** The whole answer of an engine that refuses at once. */
  readonly message?: string;
}

const parseLine = (line: string): ReportLine => {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
};

/** Reads a report to its end; the engine tells failures inside an answer that began with status 200. */
const readReport = async (
  response: IncomingMessage,
  onLine: (line: ReportLine) => void,
): Promise<string | undefined> => {
  let problem: string | undefined;
  for await (const line of createInterface({ input: response })) {
    const parsed = parseLine(line);
    problem = parsed.error ?? parsed.message ?? problem;
    onLine(parsed);
  }
  return response.statusCode === 200 ? problem : (problem ?? `HTTP status ${response.statusCode}`);
};

export interface ImportImage {
  readonly repository: string;
  readonly tag: string;
  /** A tar archive of the image's root directory. */
  readonly archive: string;
  /** Lines of a Dockerfile: `ENV …`, `CMD …`. */
  readonly changes: readonly string[];
}

/** Makes an image from an archive of a root directory. */
export const importImage =
  (engine: EngineAddress, image: ImportImage): TaskEither<SetupFailed, void> =>
  async () => {
    const query = new URLSearchParams({
      fromSrc: '-',
      repo: image.repository,
      tag: image.tag,
    });
    for (const change of image.changes) query.append('changes', change);
    const failed = (reason: string) =>
      E.left(setupFailed(`cannot import ${image.repository}:${image.tag}: ${reason}`));
    try {
      const response = await callEngine(engine, {
        method: 'POST',
        path: `/images/create?${query.toString()}`,
        body: { bytes: createReadStream(image.archive) },
        signal: AbortSignal.timeout(IMPORT_LIMIT_MS),
      });
      const problem = await readReport(response, () => undefined);
      return problem === undefined ? E.right(undefined) : failed(problem);
    } catch (error) {
      return failed(E.toError(error).message);
    }
  };

export interface PullImage {
  readonly repository: string;
  readonly tag: string;
  /** Until the registry's first sign of life. */
  readonly answerMs: number;
  /** Without any progress, once it has begun. */
  readonly stallMs: number;
}

/** Pulls an image; Left says why it is not to be had, which is no reason to despair. */
export const pullImage =
  (engine: EngineAddress, image: PullImage, progress: Progress): TaskEither<SetupFailed, void> =>
  async () => {
    const name = `${image.repository}:${image.tag}`;
    const abort = new AbortController();
    const giveUp = (): void => abort.abort(new Error('no answer from the registry in time'));
    let watchdog = setTimeout(giveUp, image.answerMs);
    const shown = createPullProgress(name, progress);
    const query = new URLSearchParams({ fromImage: image.repository, tag: image.tag });
    try {
      const path = `/images/create?${query.toString()}`;
      const response = await callEngine(engine, { method: 'POST', path, signal: abort.signal });
      const problem = await readReport(response, (line) => {
        clearTimeout(watchdog);
        watchdog = setTimeout(giveUp, image.stallMs);
        shown(line);
      });
      return problem === undefined ? E.right(undefined) : E.left(setupFailed(problem));
    } catch (error) {
      const reason = abort.signal.aborted ? abort.signal.reason : error;
      return E.left(setupFailed(E.toError(reason).message));
    } finally {
      clearTimeout(watchdog);
    }
  };
