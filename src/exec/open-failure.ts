import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ExecSandboxGone, ExecUnavailable } from './command.js';
import type { ResidentShell } from './shell.js';

/** The image has no shell that can be kept open: commands take the engine's own exec. */
export interface NoShell {
  readonly type: 'NoShell';
  readonly message: string;
}

/** Why a sandbox's shell would not open. */
export type OpenFailure = NoShell | ExecSandboxGone | ExecUnavailable;

/** Opens one more shell in a sandbox. */
export type OpenOne = TaskEither<OpenFailure, ResidentShell>;
