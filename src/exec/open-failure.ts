import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ExecSandboxGone, ExecUnavailable } from './command.js';
import type { NoShell } from './open-shell.js';
import type { ResidentShell } from './shell.js';

/** Why a sandbox's shell would not open. Without a shell in the image commands take the engine's own exec. */
export type OpenFailure = NoShell | ExecSandboxGone | ExecUnavailable;

/** Opens one more shell in a sandbox. */
export type OpenOne = TaskEither<OpenFailure, ResidentShell>;
