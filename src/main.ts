#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { runProgram } from './cli/run-program.js';
import { readConfig } from './config.js';

/**
 * The command line, and the only file that ends the process. A signal asks the running command to stop;
 * a second one ends the process at once, for a person who will not wait.
 */
const stopRequested = (): Promise<string> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
        asked = true;
        resolve(signal);
      });
    }
  });

const version = (): string => {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return typeof manifest === 'object' &&
    manifest !== null &&
    'version' in manifest &&
    typeof manifest.version === 'string'
    ? manifest.version
    : 'unknown';
};

const main = async (): Promise<number> => {
  const config = readConfig();
  if (E.isLeft(config)) {
    process.stderr.write(`warmpool: ${config.left.message}\n`);
    return 2;
  }
  return runProgram({
    argv: process.argv,
    config: config.right,
    version: version(),
    stopRequested,
  });
};

// a reader that went away (`warmpool get pools | head -1`) is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await main();
