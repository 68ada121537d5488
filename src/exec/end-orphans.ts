import * as E from 'fp-ts/lib/Either.js';
import { markerOfLimit } from './command-marker.js';
import { killCommand } from './kill-command.js';
import { quoteWord } from './quote.js';
import { runScript, type ScriptDeps } from './run-script.js';
import { SHELL_ARGV } from './shell-loop.js';
import { endShell, signalOverShell } from './signal-over-shell.js';

/**
 * Prints a line for each resident shell that another process than `opener` opened: its process id, and the
 * limit that tells the marker of the command that it runs. Such a shell was started from outside the sandbox, so
 * it has no parent there. `read` drops the NUL characters between words.
 */
export const foreignShellsScript = (opener: string): string => {
  const words = SHELL_ARGV.join('');
  return [
    // wk_t: the limits of the children of process $1
    'wk_inside() { for wk_q in /proc/[0-9]*; do wk_s=; read -r wk_s <$wk_q/stat; wk_s=${wk_s##*") "}; wk_s=${wk_s#* };',
    'if [ "${wk_s%% *}" = "$1" ]; then while read -r wk_c wk_d wk_e wk_f wk_k; do',
    'if [ "$wk_c $wk_d $wk_e" = "Max resident set" ]; then wk_t=$wk_f; break; fi; done <$wk_q/limits; fi; done; };',
    'for wk_p in /proc/[0-9]*; do wk_s=; wk_a=; wk_t=;',
    'read -r wk_s <$wk_p/stat; set -- ${wk_s##*") "};',
    'if [ "$2" != 0 ]; then continue; fi;',
    'IFS= read -r wk_a <$wk_p/cmdline;',
    `case $wk_a in ${quoteWord(words)}${opener}) ;; ${quoteWord(words)}*)`,
    `wk_inside "\${wk_p#/proc/}"; printf '%s %s\\n' "\${wk_p#/proc/}" "$wk_t";; esac;`,
    'done; set --; unset -f wk_inside; unset wk_p wk_q wk_s wk_a wk_c wk_d wk_e wk_f wk_k wk_t',
  ].join(' ');
};

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
 * nobody watches their time. Daemons of a command that runs are its own. What commands that had ended left in the
 * background is the thread's, and lives on. A shell between two commands has ended by itself when its operator did.
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
