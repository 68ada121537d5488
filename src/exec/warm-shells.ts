import * as E from 'fp-ts/lib/Either.js';
import type { ShellLost } from './command.js';
import { quoteWord } from './quote.js';
import { runScript, type ScriptDeps } from './run-script.js';
import type { WarmSpec } from './sandbox-exec.js';
import type { ShellSet } from './shell-set.js';
import type { TakeError } from './waiting-line.js';

/** Shells of many sandboxes open at once on a busy engine: each may take seconds. */
const PATIENCE_MS = 25_000;

/** Opens the shells that are to be kept, all at once; Right once all of them are there. */
export const openShells = async (
  shells: ShellSet,
  count: number,
): Promise<E.Either<TakeError, void>> => {
  shells.keep(count);
  const taken = await Promise.all(
    Array.from({ length: count }, () => shells.take({ patienceMs: PATIENCE_MS })),
  );
  for (const shell of taken) if (E.isRight(shell)) shells.giveBack(shell.right);
  return taken.find(E.isLeft) ?? E.right(undefined);
};

/**
 * Makes the sandbox's working directory and answers its real path. `Refused` when the sandbox does not
 * let us: read-only, another user's, no directory.
 */
export const makeWorkingDirectory = async (
  deps: ScriptDeps,
  { workingDirectory }: WarmSpec,
): Promise<E.Either<TakeError | ShellLost | Refused, string>> => {
  const word = quoteWord(workingDirectory);
  // a thread makes its own directory below it, so writing there is tried here
  const text = `mkdir -p ${word} && cd ${word} && [ -w . ] && pwd -P`;
  const ran = await runScript(deps, { text, direct: false }, { patienceMs: PATIENCE_MS });
  if (E.isLeft(ran)) return ran;
  const { exitCode, stdout, stderr } = ran.right;
  if (exitCode === 0) return E.right(stdout.replace(/\n$/u, ''));
  const why = stderr.trim().slice(0, 500) || 'it cannot be written to';
  return E.left({
    type: 'Refused',
    message: `cannot use ${workingDirectory} as the working directory: ${why}`,
  });
};

export interface Refused {
  readonly type: 'Refused';
  readonly message: string;
}
