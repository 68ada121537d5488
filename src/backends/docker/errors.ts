import * as t from 'io-ts';
import type { BackendError, BackendUnavailable } from '../../ports/sandbox-backend.js';

/** How a call to the engine fails, before anybody has said what that means for a sandbox. */
export type EngineProblem =
  /** No answer: the engine is not there, the connection broke, or time ran out. */
  | { readonly type: 'Unreachable'; readonly message: string; readonly cause?: unknown }
  /** An answer that is no success; `message` is the engine's own. */
  | {
      readonly type: 'Answered';
      readonly status: number;
      readonly message: string;
      readonly cause?: unknown;
    };

const HttpError = t.intersection([
  t.type({ statusCode: t.number }),
  t.partial({ json: t.unknown, message: t.string }),
]);
const EngineMessage = t.type({ message: t.string });
const SystemError = t.type({ code: t.string });

/** Statuses of a proxy in front of an engine that is away. */
const AWAY = new Set([502, 503, 504]);

const connectionMessage = (code: string, where: string): string => {
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return `cannot reach the Docker engine at ${where}: is it running?`;
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return `may not talk to the Docker engine at ${where}: permission denied (run as root, or as a member of the group docker)`;
  }
  return `lost the connection to the Docker engine at ${where} (${code})`;
};

/**
 * What a rejected call means. Mistakes of this program (a TypeError, an argument that Node refuses)
 * are no problem of the engine's: they are thrown on.
 */
export const toEngineProblem = (cause: unknown, where: string): EngineProblem => {
  if (HttpError.is(cause)) {
    const message = EngineMessage.is(cause.json) ? cause.json.message : (cause.message ?? '');
    return { type: 'Answered', status: cause.statusCode, message: message.trim(), cause };
  }
  if (SystemError.is(cause) && !cause.code.startsWith('ERR_INVALID')) {
    return { type: 'Unreachable', message: connectionMessage(cause.code, where), cause };
  }
  throw cause;
};

export const unavailable = (message: string, cause?: unknown): BackendUnavailable => ({
  type: 'BackendUnavailable',
  message,
  ...(cause === undefined ? {} : { cause }),
});

/** For answers that have no meaning of their own where they came. */
export const toBackendError = (problem: EngineProblem): BackendError => {
  const { message, cause } = problem;
  if (problem.type === 'Unreachable') return unavailable(message, cause);
  if (AWAY.has(problem.status)) return unavailable(`the Docker engine is away: ${message}`, cause);
  return { type: 'BackendRefused', message: `the Docker engine refused: ${message}`, cause };
};

export const answered = (problem: EngineProblem, ...statuses: readonly number[]): boolean =>
  problem.type === 'Answered' && statuses.includes(problem.status);
