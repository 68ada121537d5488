import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { ensureProgram } from './packages.js';
import { progressOf } from './progress.js';

/** The shells that tests run on this machine itself, and the Debian packages that bring them. */
const SHELLS = [
  ['dash', 'dash'],
  ['bash', 'bash'],
  // the static one: tests also make an image of it
  ['busybox', 'busybox-static'],
] as const;

/** Makes sure of the shells and gives the exit code. */
export const main = async (): Promise<number> => {
  const progress = progressOf('shells');
  for (const [shell, packageName] of SHELLS) {
    const ensured = await ensureProgram(shell, packageName, progress)();
    if (E.isLeft(ensured)) {
      process.stderr.write(`shells   ${ensured.left.message}\n`);
      return 1;
    }
  }
  return 0;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main();
}
