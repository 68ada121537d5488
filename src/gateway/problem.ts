import { type GatewayError, PROBLEMS } from './problem-table.js';

/** An RFC 9457 problem: the body of every error reply. */
export interface Problem {
  /** Stable name of the kind of error: `urn:warmpool:problem:queue-full`. */
  readonly type: string;
  readonly title: string;
  /** HTTP status code. */
  readonly status: number;
  /** What happened this time, for people. */
  readonly detail: string;
  /** Members that only some problems have: `errors`, `reasons`, `queueLength`, `result`. */
  readonly [extension: string]: unknown;
}

const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`);

/** `PoolUnknown` → `urn:warmpool:problem:pool-unknown`. */
export const problemType = (errorType: GatewayError['type']): string =>
  `urn:warmpool:problem:${kebab(errorType)}`;

const extensions = (error: GatewayError): Readonly<Record<string, unknown>> => {
  switch (error.type) {
    case 'InvalidRequest':
      return { errors: error.errors };
    case 'NotReady':
      return { reasons: error.reasons };
    case 'QueueFull':
    case 'NoSandbox':
      return { queueLength: error.queueLength };
    case 'CommandTimedOut':
      return { result: error.result };
    default:
      // The others say all in their message. A cause is for the log, and the current epoch is
      // withheld from a caller that is fenced off: it would only be tempted to use it.
      return {};
  }
};

export const problemOf = (error: GatewayError): Problem => ({
  type: problemType(error.type),
  title: PROBLEMS[error.type].title,
  status: PROBLEMS[error.type].status,
  detail: error.message,
  ...extensions(error),
});

/** Whole seconds after which another try makes sense; undefined where none does. */
export const retryAfterSeconds = (error: GatewayError): number | undefined => {
  const own = 'retryAfterSeconds' in error ? error.retryAfterSeconds : undefined;
  const seconds = own ?? PROBLEMS[error.type].retryAfterSeconds;
  return seconds === undefined ? undefined : Math.max(1, Math.ceil(seconds));
};
