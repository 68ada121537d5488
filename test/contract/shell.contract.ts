import { describe, jest } from '@jest/globals';
import { becomeClauses } from './shell.become-clauses.js';
import { type ShellWorld, shellHarness } from './shell.harness.js';
import { hostileClauses } from './shell.hostile-clauses.js';
import { killClauses } from './shell.kill-clauses.js';
import { leftoverClauses } from './shell.leftover-clauses.js';
import { lifeClauses } from './shell.life-clauses.js';
import { outputClauses } from './shell.output-clauses.js';
import { wrappedClauses } from './shell.wrapped-clauses.js';

/** Some clauses open a dozen shells, and a busy machine takes its time. */
jest.setTimeout(120_000);

/** What every resident shell promises, whatever `sh` it runs in. */
export const shellContract = (title: string, createWorld: () => Promise<ShellWorld>): void => {
  describe(`resident shell: ${title}`, () => {
    const harness = shellHarness(createWorld);
    outputClauses(harness);
    hostileClauses(harness);
    wrappedClauses(harness);
    leftoverClauses(harness);
    becomeClauses(harness);
    killClauses(harness);
    lifeClauses(harness);
  });
};
