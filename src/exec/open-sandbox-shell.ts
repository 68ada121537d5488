import * as E from 'fp-ts/lib/Either.js';
import { assertNever } from '../core/assert-never.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import type { ExecOpenError, SandboxBackend } from '../ports/sandbox-backend.js';
import type { ExecSandboxGone, ExecUnavailable } from './command.js';
import type { OpenFailure, OpenOne } from './open-failure.js';
import { type OpenShellError, openShell } from './open-shell.js';
import { SHELL_ARGV } from './shell-loop.js';

/** What a backend's refusal means to somebody who wants to run a command. */
export const toExecError = (error: ExecOpenError): ExecSandboxGone | ExecUnavailable =>
  error.type === 'SandboxGone'
    ? error
    : { type: 'ExecUnavailable', message: error.message, cause: error };

const toFailure = (error: OpenShellError): OpenFailure => {
  switch (error.type) {
    case 'NoShell':
      return error;
    case 'ShellUnavailable':
      return error.cause === undefined
        ? { ...error, type: 'ExecUnavailable' }
        : toExecError(error.cause);
    default:
      return assertNever(error);
  }
};

/** Opens a resident shell in the sandbox of that uid, by an exec of the backend. */
export const openSandboxShell = (
  deps: {
    readonly backend: Pick<SandboxBackend, 'openExec'>;
    readonly clock: Clock;
    readonly random: Random;
    /** Names this process among all that ever opened shells. */
    readonly opener: string;
  },
  uid: string,
): OpenOne => {
  const { backend, clock, random, opener } = deps;
  const open = backend.openExec(uid, { argv: [...SHELL_ARGV, opener], stdin: true });
  const shell = openShell({ open, clock, random });
  return async () => E.mapLeft(toFailure)(await shell());
};
