import type { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import type { Clock } from '../ports/clock.js';

/** What the command line works with instead of the process's own globals. */
export interface CliDeps {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdin: Readable;
  readonly env: {
    /** `WARMPOOL_URL`. */
    readonly url?: string;
    /** `WARMPOOL_TOKEN`. It has no option: command lines can be seen by other users. */
    readonly token?: string;
    /** `WARMPOOL_NAMESPACE`. */
    readonly namespace?: string;
  };
  /** Whether stdout is a terminal. */
  readonly isTty: boolean;
  /** Whether stderr is one: only there a line may be taken away again. */
  readonly stderrIsTty: boolean;
  /** Whether colours are wanted (`NO_COLOR` is not set); they are only used on a terminal. */
  readonly colours: boolean;
  readonly clock: Clock;
  /** Calls on Ctrl-C until the returned function is called. */
  readonly onInterrupt: (run: () => void) => () => void;
  readonly version: string;
  /** Adds the `up` command; `done` takes its exit status. */
  readonly makeUp?: (program: Command, done: (exitStatus: number) => void) => void;
}

/** Statuses that mean the same in every command. */
export const EXIT = {
  ok: 0,
  /** Something went wrong; stderr says what. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  timedOut: 124,
  /** 128 + SIGINT. */
  interrupted: 130,
} as const;
