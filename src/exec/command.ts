/** A command to run in a sandbox, checked and with all defaults filled in. */
export interface CommandSpec {
  /** Text for `sh`, or an argument vector that no shell interprets. Holds no NUL character. */
  readonly command: string | readonly string[];
  /** The thread's own directory, absolute; made when it is not there. */
  readonly threadDirectory: string;
  /** Where to run: absolute, or relative to the thread's directory; that directory itself when absent. */
  readonly cwd?: string;
  /** Added to the sandbox's own environment; names match `[A-Za-z_][A-Za-z0-9_]*`. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the command reads; stdin is empty when absent. */
  readonly stdin?: Uint8Array;
  /** The user to run as, by name, uid or `uid:gid`; needs the engine's own exec. */
  readonly user?: string;
  /** Milliseconds until the command and all it started are killed. */
  readonly timeoutMs: number;
  /** Bytes to keep of stdout and of stderr each; what is beyond is drained and counted as truncated. */
  readonly maxOutputBytes: number;
}

export type OutputName = 'stdout' | 'stderr';

/**
 * Takes output as it comes, already capped. A promise holds this command's output back until it
 * settles: a slow reader slows its own command and nothing else. Must not throw or reject.
 */
export type OutputSink = (output: OutputName, bytes: Buffer) => void | Promise<void>;

/** How a command ended. A command that was killed for its time or by its caller still has output worth having. */
export interface CommandResult {
  /** 0..255; 128 + n after signal n; 124 when timed out, 130 when canceled. */
  readonly exitCode: number;
  /** Name of the signal that ended it (`SIGKILL`), where the exit code tells. */
  readonly signal?: string;
  readonly timedOut: boolean;
  readonly canceled: boolean;
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean };
  /** Milliseconds from handing the command over until its end was known. */
  readonly execMs: number;
  readonly via: 'shell' | 'engine';
}

/** The stream to the shell ended before the command's exit status was known. */
export interface ShellLost {
  readonly type: 'ShellLost';
  readonly message: string;
}
/** The sandbox is not there any more. */
export interface ExecSandboxGone {
  readonly type: 'SandboxGone';
  readonly message: string;
  readonly uid: string;
  /** The command may have done something by then. Absent: nothing of it was ever started. */
  readonly begun?: true;
}
/** The backend would not open an exec, or cannot be reached. */
export interface ExecUnavailable {
  readonly type: 'ExecUnavailable';
  readonly message: string;
  /**
   * The backend answered and started a shell, and in this sandbox it ended at once: no process can be
   * made, memory is used up, something that every command needs is broken. Absent where anything else may be why.
   */
  readonly fault?: 'Sandbox';
  readonly cause?: unknown;
}
/** The command outlived every attempt to kill it: the sandbox must not be used again. */
export interface Unkillable {
  readonly type: 'Unkillable';
  readonly message: string;
  readonly uid: string;
}
export type ExecError = ShellLost | ExecSandboxGone | ExecUnavailable | Unkillable;
