import type { ExecError } from './command.js';
import type { KillOutcome } from './kill-command.js';

/** What to answer when a command was to be killed and nobody saw that nothing is left of it. */
export const notKilled = (uid: string, outcome: Exclude<KillOutcome, 'Dead'>): ExecError =>
  outcome === 'Gone'
    ? {
        type: 'SandboxGone',
        message: 'the sandbox went away while the command ran',
        uid,
        begun: true,
      }
    : {
        type: 'Unkillable',
        message: 'the command was to be killed, and something of it may still run',
        uid,
      };
