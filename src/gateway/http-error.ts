/** One thing wrong with a request: where, and why. */
export interface FieldProblem {
  /** `env.HOME`, `command[2]`, `?epoch`; the empty string is the body itself. */
  readonly path: string;
  readonly message: string;
}

/** The request holds something that may not be there, or lacks something. */
export interface InvalidRequest {
  readonly type: 'InvalidRequest';
  readonly message: string;
  readonly errors: readonly FieldProblem[];
}

/** Readiness asked for and not given. */
export interface NotReady {
  readonly type: 'NotReady';
  readonly message: string;
  readonly reasons: readonly string[];
}

/** The caller asked for an error when a command times out. */
export interface CommandTimedOut {
  readonly type: 'CommandTimedOut';
  readonly message: string;
  /** The same reply that it would have been without asking: the output is worth having. */
  readonly result: unknown;
}

type PlainType =
  | 'MalformedBody'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'SandboxUnknown'
  | 'MethodNotAllowed'
  | 'RequestTimeout'
  | 'BodyTooLarge'
  | 'UriTooLong'
  | 'UnsupportedMediaType'
  | 'HeadersTooLarge'
  | 'InternalError';

interface PlainError {
  readonly type: PlainType;
  readonly message: string;
}

/** Errors that the gateway itself finds. */
export type HttpError = InvalidRequest | NotReady | CommandTimedOut | PlainError;

/** A request with one or more fields wrong; the message names the first, or all if they are few. */
export const invalidRequest = (errors: readonly FieldProblem[]): InvalidRequest => ({
  type: 'InvalidRequest',
  message: errors
    .slice(0, 5)
    .map(({ path, message }) => (path === '' ? `the body ${message}` : `${path}: ${message}`))
    .join('; '),
  errors,
});
