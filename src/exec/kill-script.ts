import { MARKER_VARIABLE, markerLimit } from './command-marker.js';
import type { KillSignal } from './kill-command.js';

export interface KillTarget {
  /** As `newMarker` makes them. */
  readonly marker?: string;
  /** The resident shell that the command runs in, as long as it does: all its descendants are the command's. */
  readonly shellPid?: number;
}

interface Round {
  readonly signal: KillSignal;
  /** Never touched; PID 1 and the shell that runs the script are added. */
  readonly keep: readonly number[];
  /** Their descendants are hunted, they themselves are not. */
  readonly parents: readonly number[];
  /** Shell text that ends with success if process wk_1, whose parent is wk_o, is hunted for another reason. */
  readonly matches: string;
}

/** wk_z: state as ps shows it (Z when the process is gone), wk_o: the parent. `status` escapes the name, `stat` does not. */
const INSPECT = [
  'wk_inspect() { wk_z=Z; wk_o=0;',
  'while read -r wk_a wk_b wk_c; do',
  'case $wk_a in State:) wk_z=$wk_b;; PPid:) wk_o=$wk_b; break;; esac;',
  'done 2>/dev/null </proc/$1/status; };',
];

/**
 * One listing of /proc. What is new is stopped at once, unless we only look: a stopped process cannot
 * fork, so repeated sweeps get ahead of a fork bomb. wk_h: the hunted, wk_f: those whose children are.
 */
const SWEEP = (stop: boolean): readonly string[] => [
  'wk_sweep() { wk_new=0;',
  'for wk_p in /proc/[0-9]*; do wk_p=${wk_p#/proc/};',
  'case "$wk_y$wk_h" in *" $wk_p "*) continue;; esac;',
  'wk_inspect $wk_p;',
  'case $wk_z in [ZX]*) continue;; esac;',
  'case $wk_f in *" $wk_o "*) ;; *) wk_match $wk_p || continue;; esac;',
  ...(stop ? ['kill -STOP $wk_p 2>/dev/null;'] : []),
  'wk_h="$wk_h$wk_p "; wk_f="$wk_f$wk_p "; wk_new=1; wk_l=$((wk_l+1));',
  'done; };',
];

/** Enough for any chain of forks; a bomb is stopped within three or four. */
const MAX_SWEEPS = 50;

const FUNCTIONS = 'wk_inspect wk_match wk_sweep';
const VARIABLES = 'wk_a wk_b wk_c wk_e wk_f wk_h wk_i wk_l wk_new wk_o wk_p wk_y wk_z';

/**
 * One round over all processes of the sandbox: finds the hunted, sends them the signal, prints how many
 * there were (dead ones that nobody has collected do not count). 0 means that nothing is left.
 *
 * Builtins only, no subshell, no fork: it works in an image without any tool, and in a sandbox whose
 * process limit is used up if the shell runs it itself (`direct` in ShellRequest). Needs /proc.
 */
const round = ({ signal, keep, parents, matches }: Round): string =>
  [
    ...INSPECT,
    `wk_match() { ${matches} };`,
    ...SWEEP(signal !== '0'),
    'wk_l=0; wk_h=" ";',
    `wk_f=" ${parents.join(' ')} ";`,
    'read -r wk_a wk_b </proc/self/stat;',
    `wk_y=" 1 $$ $wk_a ${[...keep, ...parents].join(' ')} ";`,
    `wk_i=0; while [ $wk_i -lt ${MAX_SWEEPS} ]; do wk_sweep; if [ $wk_new = 0 ]; then break; fi; wk_i=$((wk_i+1)); done;`,
    ...(signal === '0'
      ? []
      : [
          `for wk_p in $wk_h; do kill -${signal} $wk_p 2>/dev/null; done;`,
          // a shell that the command stopped must go on to tell how the command ended
          `for wk_p in $wk_h ${parents.join(' ')}; do kill -CONT $wk_p 2>/dev/null; done;`,
        ]),
    "printf '%s\\n' $wk_l;",
    `unset -f ${FUNCTIONS}; unset ${VARIABLES}`,
  ].join(' ');

/**
 * The marker among the limits, or in the environment. `read` drops the NUL characters
 * in between, in every shell.
 */
const carriesMark = (marker: string): string =>
  [
    'while read -r wk_a wk_b wk_c wk_z wk_e; do',
    `case "$wk_a $wk_b $wk_c $wk_z" in "Max resident set ${markerLimit(marker)}") return 0;; "Max resident set "*) break;; esac;`,
    'done 2>/dev/null </proc/$1/limits;',
    'wk_a=; while read -r wk_a || [ -n "$wk_a" ]; do',
    `case $wk_a in *${MARKER_VARIABLE}=${marker}*) return 0;; esac; wk_a=;`,
    'done 2>/dev/null </proc/$1/environ;',
    'return 1;',
  ].join(' ');

/**
 * One round of ending a command, to be run by another shell of the sandbox: signals everything that the
 * command started and prints how many processes that were. Out of reach is only what has changed its
 * environment and its limits, and has outlived its parents.
 */
export const killScript = (target: KillTarget, signal: KillSignal): string =>
  round({
    signal,
    keep: [],
    parents: target.shellPid === undefined ? [] : [target.shellPid],
    matches: target.marker === undefined ? 'return 1;' : carriesMark(target.marker),
  });

/**
 * One round of ending everything in the sandbox but PID 1, `keepPids` and the shell that runs it. Prints
 * how many processes there were: run it again until it prints 0.
 */
export const killAllScript = (keepPids: readonly number[]): string =>
  round({ signal: 'KILL', keep: keepPids, parents: [], matches: 'return 0;' });
