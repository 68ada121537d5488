import type { Problem } from './replies.js';

/** warmpool answered, and said no. */
export interface ProblemReply {
  readonly type: 'Problem';
  /** HTTP status code. */
  readonly status: number;
  readonly problem: Problem;
  /** Whole seconds after which another try makes sense, where the reply said so. */
  readonly retryAfterSeconds?: number;
  readonly message: string;
}

/** No connection, or it broke before the reply was complete. A command may or may not have run. */
export interface Unreachable {
  readonly type: 'Unreachable';
  readonly message: string;
  readonly cause?: unknown;
}

/** What answered is not warmpool, or another version of it. */
export interface UnexpectedReply {
  readonly type: 'UnexpectedReply';
  readonly message: string;
}

/** The caller's own signal ended the request; a command was canceled with it. */
export interface Aborted {
  readonly type: 'Aborted';
  readonly message: string;
}

export type ClientError = ProblemReply | Unreachable | UnexpectedReply | Aborted;
