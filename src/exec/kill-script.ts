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
  /** Shell text that ends with success if process wp_1, whose parent is wp_o, is hunted for another reason. */
  readonly matches: string;
}

/** wp_z: state as ps shows it (Z when the process is gone), wp_o: the parent. `status` escapes the name, `stat` does not. */
const INSPECT = [
  'wp_inspect() { wp_z=Z; wp_o=0;',
  'while read -r wp_a wp_b wp_c; do',
  'case $wp_a in State:) wp_z=$wp_b;; PPid:) wp_o=$wp_b; break;; esac;',
  'done 2>/dev/null </proc/$1/status; };',
];

/**
 * One listing of /proc. What is new is stopped at once, unless we only look: a stopped process cannot
 * fork, so repeated sweeps get ahead of a fork bomb. wp_h: the hunted, wp_f: those whose children are.
 */
const SWEEP = (stop: boolean): readonly string[] => [
  'wp_sweep() { wp_new=0;',
  'for wp_p in /proc/[0-9]*; do wp_p=${wp_p#/proc/};',
  'case "$wp_y$wp_h" in *" $wp_p "*) continue;; esac;',
  'wp_inspect $wp_p;',
  'case $wp_z in [ZX]*) continue;; esac;',
  'case $wp_f in *" $wp_o "*) ;; *) wp_match $wp_p || continue;; esac;',
  ...(stop ? ['kill -STOP $wp_p 2>/dev/null;'] : []),
  'wp_h="$wp_h$wp_p "; wp_f="$wp_f$wp_p "; wp_new=1; wp_l=$((wp_l+1));',
  'done; };',
];

/** Enough for any chain of forks; a bomb is stopped within three or four. */
const MAX_SWEEPS = 50;

const FUNCTIONS = 'wp_inspect wp_match wp_sweep';
const VARIABLES = 'wp_a wp_b wp_c wp_e wp_f wp_h wp_i wp_l wp_new wp_o wp_p wp_y wp_z';

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
    `wp_match() { ${matches} };`,
    ...SWEEP(signal !== '0'),
    'wp_l=0; wp_h=" ";',
    `wp_f=" ${parents.join(' ')} ";`,
    'read -r wp_a wp_b </proc/self/stat;',
    `wp_y=" 1 $$ $wp_a ${[...keep, ...parents].join(' ')} ";`,
    `wp_i=0; while [ $wp_i -lt ${MAX_SWEEPS} ]; do wp_sweep; if [ $wp_new = 0 ]; then break; fi; wp_i=$((wp_i+1)); done;`,
    ...(signal === '0'
      ? []
      : [
          `for wp_p in $wp_h; do kill -${signal} $wp_p 2>/dev/null; done;`,
          // a shell that the command stopped must go on to tell how the command ended
          `for wp_p in $wp_h ${parents.join(' ')}; do kill -CONT $wp_p 2>/dev/null; done;`,
        ]),
    "printf '%s\\n' $wp_l;",
    `unset -f ${FUNCTIONS}; unset ${VARIABLES}`,
  ].join(' ');

/**
 * The marker among the limits, or in the environment. `read` drops the NUL characters
 * in between, in every shell.
 */
const carriesMark = (marker: string): string =>
  [
    'while read -r wp_a wp_b wp_c wp_z wp_e; do',
    `case "$wp_a $wp_b $wp_c $wp_z" in "Max resident set ${markerLimit(marker)}") return 0;; "Max resident set "*) break;; esac;`,
    'done 2>/dev/null </proc/$1/limits;',
    'wp_a=; while read -r wp_a || [ -n "$wp_a" ]; do',
    `case $wp_a in *${MARKER_VARIABLE}=${marker}*) return 0;; esac; wp_a=;`,
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
