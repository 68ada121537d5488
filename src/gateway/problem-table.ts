import type { ExecuteError } from '../exec/execute.js';
import type { ReleaseError } from '../reconcile/leases.js';
import type { HttpError } from './http-error.js';

/** Everything that a request can be answered with instead of what it asked for. */
export type GatewayError = ExecuteError | ReleaseError | HttpError;

interface ProblemEntry {
  /** HTTP status code. */
  readonly status: number;
  /** The same for every problem of the type. */
  readonly title: string;
  /** Seconds for `Retry-After` where the error itself knows no better. */
  readonly retryAfterSeconds?: number;
}

/** How each error looks over HTTP. An error type that is not listed here does not compile. */
export const PROBLEMS: { readonly [Type in GatewayError['type']]: ProblemEntry } = {
  // leases
  PoolUnknown: { status: 404, title: 'No such pool' },
  QueueFull: { status: 429, title: 'The queue of the pool is full', retryAfterSeconds: 1 },
  NoSandbox: { status: 503, title: 'No sandbox came free in time', retryAfterSeconds: 1 },
  AcquireCanceled: { status: 503, title: 'Waiting for a sandbox was canceled' },
  Stopping: { status: 503, title: 'No new work is taken', retryAfterSeconds: 5 },
  StoreFailed: { status: 503, title: 'The lease could not be written down', retryAfterSeconds: 5 },
  LeaseGone: { status: 410, title: 'The thread holds no lease' },
  Fenced: { status: 409, title: 'The request speaks for an older lease' },
  // commands
  ShellLost: { status: 502, title: 'The connection to the sandbox broke' },
  SandboxGone: { status: 410, title: 'The sandbox is gone' },
  ExecUnavailable: {
    status: 503,
    title: 'The sandbox cannot run commands now',
    retryAfterSeconds: 1,
  },
  Unkillable: { status: 500, title: 'The command could not be killed' },
  CommandTimedOut: { status: 504, title: 'The command timed out' },
  // requests
  InvalidRequest: { status: 400, title: 'The request is not valid' },
  MalformedBody: { status: 400, title: 'The body is not JSON' },
  Unauthorized: { status: 401, title: 'A valid token is needed' },
  Forbidden: { status: 403, title: 'Not from there' },
  NotFound: { status: 404, title: 'No such path' },
  SandboxUnknown: { status: 404, title: 'No such sandbox' },
  MethodNotAllowed: { status: 405, title: 'The path does not have this method' },
  RequestTimeout: { status: 408, title: 'The request did not arrive in time' },
  BodyTooLarge: { status: 413, title: 'The body is too large' },
  UriTooLong: { status: 414, title: 'The path is too long' },
  UnsupportedMediaType: { status: 415, title: 'The body must be application/json' },
  HeadersTooLarge: { status: 431, title: 'The headers are too large' },
  InternalError: { status: 500, title: 'Something went wrong inside warmpool' },
  NotReady: { status: 503, title: 'Not ready', retryAfterSeconds: 1 },
};
