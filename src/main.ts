#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { runProgram } from './cli/program.js';
import { startLocal } from './cli/start-local.js';
import { addUpCommand } from './cli/up.js';
import { readConfig } from './config.js';
import { systemClock } from './runtime/system-clock.js';

/** The first signal asks the operator to stop; a second one ends the process, for a person who will not wait. */
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

const readVersion = (): string => {
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
  const read = readConfig();
  if (E.isLeft(read)) {
    process.stderr.write(`warmpool: ${read.left.message}\n`);
    return 2;
  }
  const config = read.right;
  const version = readVersion();
  const { url, namespace, token, stateDirectory, listen, logLevel } = config;
  const secret = token === undefined ? {} : { token };
  return runProgram(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: { url, namespace, ...secret },
    isTty: process.stdout.isTTY,
    stderrIsTty: process.stderr.isTTY,
    colours: config.colours,
    clock: systemClock,
    onInterrupt: (run) => {
      process.on('SIGINT', run);
      return () => process.off('SIGINT', run);
    },
    version,
    makeUp: (program, done) =>
      addUpCommand(
        program,
        {
          start: (options) => startLocal(config, version, options),
          stopRequested,
          stderr: (text) => void process.stderr.write(text),
          defaults: { stateDirectory, listen, logLevel, ...secret },
        },
        done,
      ),
  });
};

// a reader that went away (`warmpool get pools | head -1`) is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

// not left to an empty event loop: a creation that was under way at a stop may hold it up for long
process.exit(await main());
