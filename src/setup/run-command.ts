import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

export interface RunOptions {
  readonly cwd?: string;
  /** Called with every line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** How a program on this machine ended: its exit code and the last of what it printed. */
export interface Ran {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

/** Lines kept: the end of a failed installation tells why, the rest is scrolled past. */
const KEPT_LINES = 2_000;

/** Runs a program to its end, with nothing on stdin. A program that is not there is a failure. */
export const runCommand =
  (argv: readonly [string, ...string[]], options: RunOptions = {}): TaskEither<SetupFailed, Ran> =>
  () =>
    new Promise((resolve) => {
      const [program, ...args] = argv;
      const child = spawn(program, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      const lines: string[] = [];
      const take = (line: string): void => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        options.onLine?.(line);
      };
      createInterface({ input: child.stdout }).on('line', take);
      createInterface({ input: child.stderr }).on('line', take);
      child.on('error', (error) =>
        resolve(E.left(setupFailed(`${program} cannot be run: ${error.message}`))),
      );
      // 'close' comes after the last line, 'exit' may come before it
      child.on('close', (code) => resolve(E.right({ exitCode: code ?? 1, lines })));
    });

/** As `runCommand`, and any exit code but 0 is a failure that shows the program's last lines. */
export const mustRun =
  (
    argv: readonly [string, ...string[]],
    options: RunOptions = {},
  ): TaskEither<SetupFailed, readonly string[]> =>
  async () => {
    const ran = await runCommand(argv, options)();
    if (E.isLeft(ran)) return ran;
    if (ran.right.exitCode === 0) return E.right(ran.right.lines);
    const end = ran.right.lines.slice(-8).map((line) => `  ${line}`);
    return E.left(
      setupFailed(
        [`"${argv.join(' ')}" ended with status ${ran.right.exitCode}:`, ...end].join('\n'),
      ),
    );
  };
