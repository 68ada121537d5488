import * as E from 'fp-ts/lib/Either.js';
import type { SendSignal, Sighting } from './kill-command.js';
import { type KillTarget, killScript } from './kill-script.js';
import { runScript, type ScriptDeps, type ScriptReply } from './run-script.js';

/** A kill waits no longer for a shell: it is tried several times. */
const PATIENCE_MS = 5000;

/** What the kill script's one line says; a script that was cut short says nothing. */
export const readSighting = ({ exitCode, stdout }: ScriptReply): Sighting => {
  if (exitCode !== 0 || !/^\d+\n$/u.test(stdout)) return 'Unknown';
  return Number(stdout) === 0 ? 'Nothing' : 'Something';
};

/** Signals a command over another shell of its sandbox, ahead of all who wait for one. */
export const signalOverShell =
  (deps: ScriptDeps, target: KillTarget): SendSignal =>
  async (signal) => {
    const script = { text: killScript(target, signal), direct: true };
    const ran = await runScript(deps, script, { urgent: true, patienceMs: PATIENCE_MS });
    if (E.isRight(ran)) return readSighting(ran.right);
    return ran.left.type === 'SandboxGone' ? 'Gone' : 'Unknown';
  };

/**
 * Ends a resident shell that did not come back from its command. Closing its stream is not enough: a
 * command that it has not read yet would still run.
 */
export const endShell =
  (deps: ScriptDeps, pid: number): SendSignal =>
  async () => {
    const text = `if [ -d /proc/${pid} ] && kill -KILL ${pid}; then echo 1; else echo 0; fi`;
    const ran = await runScript(
      deps,
      { text, direct: true },
      { urgent: true, patienceMs: PATIENCE_MS },
    );
    if (E.isRight(ran)) return readSighting(ran.right);
    return ran.left.type === 'SandboxGone' ? 'Gone' : 'Unknown';
  };
