import * as E from 'fp-ts/lib/Either.js';
import { killCommand } from './kill-command.js';
import { quoteWord } from './quote.js';
import { runScript, type ScriptDeps } from './run-script.js';
import { LOADER, OPENER_VARIABLE } from './shell-loop.js';
import { endShell, signalOverShell } from './signal-over-shell.js';

/**
 * Prints the process ids of resident shells that another process than `opener` opened. Such a shell was
 * started from outside the sandbox, so it has no parent there. `read` drops the NUL characters between words.
 */
export const foreignShellsScript = (opener: string): string =>
  [
    'for wp_p in /proc/[0-9]*; do wp_s=; wp_a=; wp_b=;',
    'read -r wp_s <$wp_p/stat; set -- ${wp_s##*") "};',
    'if [ "$2" != 0 ]; then continue; fi;',
    'IFS= read -r wp_a <$wp_p/cmdline;',
    `case $wp_a in *-c${quoteWord(LOADER)}) ;; *) continue;; esac;`,
    'while read -r wp_s || [ -n "$wp_s" ]; do wp_b=$wp_b$wp_s; wp_s=; done <$wp_p/environ;',
    `case $wp_b in *${OPENER_VARIABLE}=${opener}*) ;; *) printf '%s\\n' "\${wp_p#/proc/}";; esac;`,
    'done; set --; unset wp_p wp_s wp_a wp_b',
  ].join(' ');

/**
 * Ends the commands that an operator before this one left running: whoever asked for them is gone, and
 * nobody watches their time. What commands that had ended left in the background is the thread's, and
 * lives on. A shell between two commands has ended by itself when its operator did.
 */
export const endOrphans = async (deps: ScriptDeps, opener: string): Promise<void> => {
  const script = { text: foreignShellsScript(opener), direct: true };
  const listed = await runScript(deps, script, {});
  if (E.isLeft(listed)) return;
  const shells = listed.right.stdout.split('\n').filter((line) => /^\d+$/u.test(line));
  await Promise.all(
    shells.map(Number).map(async (shellPid) => {
      const options = { over: Promise.resolve(), insist: false };
      await killCommand(deps.clock, signalOverShell(deps, { shellPid }), options);
      await killCommand(deps.clock, endShell(deps, shellPid), options);
    }),
  );
};
