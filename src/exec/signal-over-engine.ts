import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import type { SandboxBackend } from '../ports/sandbox-backend.js';
import { runEngineCommand } from './engine-command.js';
import type { SendSignal } from './kill-command.js';
import { killScript } from './kill-script.js';
import { readSighting } from './signal-over-shell.js';

/** A look through /proc takes milliseconds, the engine's exec around it a tenth of a second. */
const SIGNAL_MS = 5000;
/** The script prints a number. */
const MOST_BYTES = 100;

/**
 * Signals a command that runs as another user, by an exec of the engine as that user: a sandbox without
 * capabilities lets not even root touch another user's processes.
 */
export const signalOverEngine =
  (
    deps: {
      readonly uid: string;
      readonly backend: Pick<SandboxBackend, 'openExec'>;
      readonly clock: Clock;
    },
    command: { readonly marker: string; readonly user: string },
  ): SendSignal =>
  async (signal) => {
    const printed: Buffer[] = [];
    const ran = await runEngineCommand(
      { ...deps, send: () => Promise.resolve('Nothing') },
      {
        argv: ['sh', '-c', killScript({ marker: command.marker }, signal)],
        user: command.user,
        stdin: false,
      },
      { timeoutMs: SIGNAL_MS, maxOutputBytes: MOST_BYTES },
      {
        sink: (output, bytes) => void (output === 'stdout' && printed.push(bytes)),
        signal: new AbortController().signal,
      },
    );
    if (E.isLeft(ran)) return ran.left.type === 'SandboxGone' ? 'Gone' : 'Unknown';
    return readSighting({ ...ran.right, stdout: Buffer.concat(printed).toString(), stderr: '' });
  };
