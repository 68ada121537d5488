import * as E from 'fp-ts/lib/Either.js';
import { markerOfLimit } from './command-marker.js';
import { killCommand } from './kill-command.js';
import { quoteWord } from './quote.js';
import { runScript, type ScriptDeps } from './run-script.js';
import { LOADER, OPENER_VARIABLE } from './shell-loop.js';
import { endShell, signalOverShell } from './signal-over-shell.js';

/**
 * Prints a line for each resident shell that another process than `opener` opened: its process id, and the
 * limit that tells the marker of the command that it runs. Such a shell was started from outside the sandbox, so
 * it has no parent there. `read` drops the NUL characters between words.
 */
export const foreignShellsScript = (opener: string): string =>
  [
    // wp_t: the limits of the children of process $1
    'wp_inside() { for wp_q in /proc/[0-9]*; do wp_s=; read -r wp_s <$wp_q/stat; wp_s=${wp_s##*") "}; wp_s=${wp_s#* };',
    'if [ "${wp_s%% *}" = "$1" ]; then while read -r wp_c wp_d wp_e wp_f wp_k; do',
    'if [ "$wp_c $wp_d $wp_e" = "Max resident set" ]; then wp_t=$wp_f; break; fi; done <$wp_q/limits; fi; done; };',
    'for wp_p in /proc/[0-9]*; do wp_s=; wp_a=; wp_b=;',
    'read -r wp_s <$wp_p/stat; set -- ${wp_s##*") "};',
    'if [ "$2" != 0 ]; then continue; fi;',
    'IFS= read -r wp_a <$wp_p/cmdline;',
    `case $wp_a in *-c${quoteWord(LOADER)}) ;; *) continue;; esac;`,
    'while read -r wp_s || [ -n "$wp_s" ]; do wp_b=$wp_b$wp_s; wp_s=; done <$wp_p/environ;',
    `case $wp_b in *${OPENER_VARIABLE}=${opener}*) ;; *) wp_t=; wp_inside "\${wp_p#/proc/}"; printf '%s %s\\n' "\${wp_p#/proc/}" "$wp_t";; esac;`,
    'done; set --; unset -f wp_inside; unset wp_p wp_q wp_s wp_a wp_b wp_c wp_d wp_e wp_f wp_k wp_t',
  ].join(' ');

interface ForeignShell {
  readonly shellPid: number;
  /** Of the command that it runs, if it does. */
  readonly marker: string | undefined;
}

export const parseForeignShells = (printed: string): readonly ForeignShell[] =>
  printed.split('\n').flatMap((line) => {
    const [, pid, limit] = /^(\d+) (\d+|unlimited)?$/u.exec(line) ?? [];
    return pid === undefined ? [] : [{ shellPid: Number(pid), marker: markerOfLimit(limit ?? '') }];
  });

/**
 * Ends the commands that an operator before this one left running: whoever asked for them is gone, and
 * nobody watches their time. Daemons of a running
 * command are its own. What commands that had ended left in the background is the thread's, and
 * lives on. A shell between two commands has ended by itself when its operator did.
 */
export const endOrphans = async (deps: ScriptDeps, opener: string): Promise<void> => {
  const script = { text: foreignShellsScript(opener), direct: true };
  const listed = await runScript(deps, script, {});
  if (E.isLeft(listed)) return;
  await Promise.all(
    parseForeignShells(listed.right.stdout).map(async ({ shellPid, marker }) => {
      const options = { over: Promise.resolve(), insist: false };
      await killCommand(
        deps.clock,
        signalOverShell(deps, { shellPid, ...(marker !== undefined && { marker }) }),
        options,
      );
      await killCommand(deps.clock, endShell(deps, shellPid), options);
    }),
  );
};
