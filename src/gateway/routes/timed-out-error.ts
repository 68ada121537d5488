import type { CommandTimedOut } from '../http-error.js';

/** For callers who asked for an error; `result` is the reply that they would have had otherwise. */
export const timedOutError = (result: unknown): CommandTimedOut => ({
  type: 'CommandTimedOut',
  message: 'the command was killed because its time was up',
  result,
});
