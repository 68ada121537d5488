import { Readable, Writable } from 'node:stream';
import type { CliDeps } from '../../src/cli/cli-deps.js';
import { runProgram } from '../../src/cli/program.js';
import { manualClock } from './manual-clock.js';

export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const collector = (): { readonly stream: Writable; readonly text: () => string } => {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, next) => {
      chunks.push(Buffer.from(chunk));
      next();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
};

/** What a test gives in place of the defaults. */
export interface CliRunOptions extends Partial<Omit<CliDeps, 'stdin'>> {
  readonly stdin?: string;
}

/** Runs a command line and gathers what it prints to streams that the test did not give. Time stands at 2030-01-02T03:05:05Z. */
export const cliRun = async (
  words: readonly string[],
  { stdin, ...overrides }: CliRunOptions,
): Promise<CliResult> => {
  const stdout = collector();
  const stderr = collector();
  const status = await runProgram(words, {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: Readable.from(stdin === undefined ? [] : [Buffer.from(stdin)]),
    env: {},
    isTty: false,
    stderrIsTty: false,
    colours: true,
    clock: manualClock(Date.UTC(2030, 0, 2, 3, 5, 5)),
    onInterrupt: () => () => undefined,
    version: '1.2.3',
    ...overrides,
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
};
