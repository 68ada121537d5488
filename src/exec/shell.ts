import type { OutputSink } from './command.js';
import type { CommandPlace } from './wrap-command.js';

/** One script for one shell, by then fully worked out: see wrap-command.ts. */
export interface ShellRequest {
  /** Lines of POSIX shell text to run in a subshell; holds no NUL character. */
  readonly script: string;
  /** Where a thread's command runs; our own scripts run where the shell does. */
  readonly place?: CommandPlace;
  /** Where output goes: raw bytes, trailer removed; no cap applied. */
  readonly sink: OutputSink;
  /**
   * Runs the script in the shell itself instead of a subshell, without stderr: it then needs no new
   * process. For our own scripts only: they must neither exit nor leave anything behind.
   */
  readonly direct?: boolean;
}

export type ShellReply =
  | {
      readonly type: 'Done';
      readonly exitCode: number;
      /** Some process still holds the shell's output: the shell must be closed, never used again. */
      readonly dirty: boolean;
    }
  /** The stream ended, or broke the protocol, before the trailer came. */
  | { readonly type: 'Lost'; readonly message: string };

/** One shell kept open in a sandbox. Runs one command at a time. */
export interface ResidentShell {
  /** The shell's process id inside the sandbox. */
  readonly pid: number;
  readonly busy: boolean;
  readonly alive: boolean;
  /** Runs a request; throws if the shell is busy. Never rejects otherwise. */
  readonly run: (request: ShellRequest) => Promise<ShellReply>;
  /**
   * Uses the shell up: it becomes the command, with `stdin` as its input, and exits with it. The reply
   * carries the real exit status; a background process that keeps the output open does not delay the reply by more than a moment.
   */
  readonly become: (request: ShellRequest, stdin: Uint8Array) => Promise<ShellReply>;
  /** Ends the shell. Idempotent. */
  readonly close: () => void;
  /** Resolves when the stream has ended, for whatever reason. */
  readonly closed: Promise<void>;
}
