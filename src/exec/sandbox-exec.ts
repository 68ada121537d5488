import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { CommandResult, CommandSpec, ExecError, OutputSink } from './command.js';

/** What the sandboxes of a pool need for running commands. */
export interface WarmSpec {
  /** Shells kept open; 0 never keeps one. */
  readonly residentShells: number;
  /** Parent of the threads' directories, absolute: made while warming. */
  readonly workingDirectory: string;
}

/** The sandbox could not be made ready to run commands. */
export interface WarmFailed {
  readonly type: 'WarmFailed';
  readonly message: string;
}

/** Something of the last thread could not be removed: the sandbox must be replaced. */
export interface CleanFailed {
  readonly type: 'CleanFailed';
  readonly message: string;
}

/** Runs commands in sandboxes over shells that stay open. One object for all sandboxes, keyed by uid. */
export interface SandboxExec {
  /** Opens the resident shells and makes the working directory. Images without a usable `sh` are warm too: their commands go through the engine's exec. */
  readonly warm: (uid: string, spec: WarmSpec) => TaskEither<WarmFailed, void>;
  /** Runs one command. Aborting `signal` cancels it: everything it started is killed. */
  readonly run: (
    uid: string,
    command: CommandSpec,
    sink: OutputSink,
    signal: AbortSignal,
  ) => TaskEither<ExecError, CommandResult>;
  /** For Reuse: kills all that runs but the sandbox's own first processes, empties the working directory, opens fresh shells. */
  readonly clean: (uid: string, spec: WarmSpec) => TaskEither<CleanFailed, void>;
  /** The sandbox is gone or is being removed: lets go of its shells. Commands under way end with an error. */
  readonly forget: (uid: string) => void;
  /** The operator stops: forgets all sandboxes, and opens nothing any more. */
  readonly close: () => void;
}
