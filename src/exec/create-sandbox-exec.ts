import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Random } from '../ports/random.js';
import type { SandboxBackend } from '../ports/sandbox-backend.js';
import { cleanSandbox } from './clean-sandbox.js';
import type { CommandResult, CommandSpec, ExecError } from './command.js';
import { newMarker } from './command-marker.js';
import { stoppedResult } from './command-result.js';
import { endOrphans } from './end-orphans.js';
import type { OpenFailure } from './open-failure.js';
import { openSandboxShell } from './open-sandbox-shell.js';
import { runByEngine } from './run-by-engine.js';
import { runCommand } from './run-command.js';
import type { SandboxExec, WarmFailed, WarmSpec } from './sandbox-exec.js';
import { createShellSet, type ShellSet } from './shell-set.js';
import { makeWorkingDirectory, openShells } from './warm-shells.js';

/** For a sandbox that runs a command before it was warmed: one for the command, one to kill it with. */
const UNWARMED_SHELLS = 2;

interface Deps {
  readonly backend: Pick<SandboxBackend, 'openExec'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** 64 bits: unlike any operator process before this one. */
const OPENER_BYTES = 8;

/** Runs commands in the backend's sandboxes, over resident shells where the image has a `sh`. */
export const createSandboxExec = (deps: Deps): SandboxExec => {
  const { backend, clock, random } = deps;
  const opener = random.token(OPENER_BYTES);
  const openIn = (uid: string) => openSandboxShell({ ...deps, opener }, uid);
  const sandboxes = new Map<string, ShellSet>();
  let closed = false;

  const shellsOf = (uid: string, count: number): ShellSet => {
    const known = sandboxes.get(uid);
    if (known !== undefined) return known;
    const shells = createShellSet({ open: openIn(uid), clock });
    if (closed) shells.close(removed(uid));
    sandboxes.set(uid, shells);
    shells.keep(count);
    return shells;
  };

  const forget = (uid: string): void => {
    sandboxes.get(uid)?.close(removed(uid));
    sandboxes.delete(uid);
  };

  /** Nothing is kept of a sandbox that was asked for too late. */
  const forgetThese = (uid: string, shells: ShellSet): void => {
    if (sandboxes.get(uid) === shells) forget(uid);
  };

  const run: SandboxExec['run'] = (uid, command, sink, signal) => async () => {
    if (signal.aborted) return E.right(neverBegun(command));
    const shells = shellsOf(uid, UNWARMED_SHELLS);
    const marker = newMarker(random);
    const caller = { sink, signal };
    const byEngine = () => runByEngine({ backend, shells, clock, uid, marker }, command, caller);
    if (command.user !== undefined || shells.hasNoShell()) return byEngine();
    let shell = shells.takeIdle();
    if (shell === undefined) {
      const taken = await shells.take({ signal });
      if (E.isLeft(taken)) {
        if (taken.left.type === 'NoShell') return byEngine();
        if (taken.left.type === 'TakeCanceled') return E.right(neverBegun(command));
        if (taken.left.type === 'SandboxGone') forgetThese(uid, shells);
        return E.left<ExecError, CommandResult>(taken.left);
      }
      shell = taken.right;
    }
    return runCommand({ uid, shells, clock, marker }, shell, command, caller);
  };

  const warm = async (uid: string, spec: WarmSpec): Promise<E.Either<WarmFailed, void>> => {
    const shells = shellsOf(uid, spec.residentShells);
    const opened = await openShells(shells, spec.residentShells);
    // a shell-less image has no directories of threads either
    if (E.isLeft(opened))
      return opened.left.type === 'NoShell' ? E.right(undefined) : toWarmFailed(opened.left);
    await endOrphans({ shells, clock }, opener);
    const made = await makeWorkingDirectory({ shells, clock }, spec);
    if (E.isRight(made) || made.left.type === 'NoShell') return E.right(undefined);
    return toWarmFailed(made.left);
  };

  return {
    run,
    warm: (uid, spec) => async () => {
      const warmed = await warm(uid, spec);
      if (sandboxes.get(uid)?.hasNoShell() === true) {
        deps.logger.info(
          { uid },
          'the image has no shell: commands take the slow way, through the engine',
        );
      }
      return warmed;
    },
    clean: (uid, spec) => async () => {
      forget(uid);
      const cleaned = await cleanSandbox({ open: openIn(uid), clock }, spec);
      if (E.isLeft(cleaned)) return cleaned;
      // whoever came meanwhile speaks for the last thread
      forget(uid);
      sandboxes.set(uid, cleaned.right);
      return E.right(undefined);
    },
    forget,
    close: () => {
      closed = true;
      for (const uid of sandboxes.keys()) forget(uid);
    },
  };
};

const removed = (uid: string): OpenFailure => ({
  type: 'SandboxGone',
  message: 'the sandbox was given back or is being removed',
  uid,
});

const toWarmFailed = (failure: {
  readonly type: string;
  readonly message?: string;
}): E.Either<WarmFailed, never> =>
  E.left({ type: 'WarmFailed', message: failure.message ?? failure.type });

/** The caller went away before the command was handed over: nothing was started. */
const neverBegun = (command: CommandSpec): CommandResult =>
  stoppedResult('Canceled', {
    via: command.user === undefined ? 'shell' : 'engine',
    cap: { truncated: () => ({ stdout: false, stderr: false }) },
    execMs: 0,
  });
