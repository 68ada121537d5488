import { LARGEST_MARKER } from './command-marker.js';
import { ENTER_THREAD, MARK } from './enter-thread.js';

/** First word of the greeting; the number is the version of the protocol. */
export const GREETING = 'warmpool-shell-2';

/**
 * Reads the loop as the first line of its input and runs it: the process list shows this short text
 * instead of the whole loop. `read` takes byte by byte, so nothing of the next line is lost.
 */
const LOADER = 'IFS= read -r wp_s && eval "$wp_s"';

/** What to exec in a sandbox, with stdin open, for `openShell`; the name of who opens the shell may follow. */
export const SHELL_ARGV: readonly string[] = ['sh', '-c', LOADER, 'sh'];

/** The shell ends so in a sandbox whose thread has broken or used up what every command needs. */
export const SPOILED_STATUS = 125;

/** Reads the number of the process made last in this process namespace. */
const readCursor = (name: string): string =>
  `read -r wp_p wp_p wp_p wp_p ${name} wp_q </proc/loadavg;`;

/** Names that the loop uses; no command sees them. */
const VARIABLES =
  'wp_a wp_b wp_c wp_d wp_e wp_f wp_g wp_h wp_i wp_k wp_m wp_p wp_q wp_r wp_s wp_t wp_u wp_v wp_x wp_y';

/**
 * Gives each command open files of its own for the output pipes, where they are pipes: a command that
 * makes its output non-blocking then does not do it to the shell, whose trailer would get lost.
 */
const REOPEN = 'exec >/proc/self/fd/1 2>/proc/self/fd/2;';

/**
 * 9 is the real stderr; the shell's own is /dev/null, because shells announce killed children there. 8 is
 * /dev/null for as long as the shell lives, whatever a command does to the device.
 *
 * wp_x: what every command's text begins with, up to a newline, so that the text has lines of its own. wp_y: the
 * same for a thread's command. wp_v: whether /proc shows this process namespace, whole. wp_u: processes that cannot be looked into
 * and were there before this shell, so that they cannot hold its output. wp_r: whether the cursor counts
 * the processes of this namespace one by one, which not every /proc does.
 */
const PREPARE = [
  // a shell that cannot fork any more gives up with a status of its own, which looks like a bad image
  `trap 'exit ${SPOILED_STATUS}' EXIT; set --;`,
  `if [ ! -c /dev/null ]; then echo "/dev/null is no device any more"; exit ${SPOILED_STATUS}; fi;`,
  'exec 9>&2 8<>/dev/null 2>&8; wp_x=;',
  `if [ -p /proc/self/fd/1 ] && [ -p /proc/self/fd/9 ] && (exec >/proc/self/fd/1 2>/proc/self/fd/9); then wp_x='${REOPEN}'; fi;`,
  `wp_y=$wp_x; if (ulimit -S -m ${LARGEST_MARKER}); then wp_y=$wp_y'${MARK}'; fi;`,
  `wp_y=$wp_y'${ENTER_THREAD}unset ${VARIABLES}'"\${IFS#??}";`,
  `wp_x=$wp_x'unset ${VARIABLES}'"\${IFS#??}";`,
  'wp_v=0; wp_u=" "; wp_r=0;',
  'if [ -d /proc/1 ] && [ /proc/$$/fd/1 -ef /proc/self/fd/1 ]; then wp_v=1;',
  'for wp_p in /proc/[0-9]*; do [ -e $wp_p/cwd ] || wp_u="$wp_u$wp_p "; done; fi;',
  'for wp_i in 1 2 3 4 5; do',
  readCursor('wp_b'),
  '(:); (:); (:);',
  readCursor('wp_e'),
  'if [ "$wp_e" = $((wp_b+3)) ]; then wp_r=1; break; fi; done;',
  `trap - EXIT; printf '${GREETING} %s\\n' $$;`,
];

/** A command of a thread, or a script of ours. */
const RUN = 'if [ $wp_g != - ]; then wp_x=$wp_y; fi; eval "$wp_x$wp_s"';

/** Process wp_p needs no further look. */
const SEEN = 'wp_a="$wp_a$wp_p ";';

/**
 * Looks through /proc for a process that holds the shell's output: wp_d becomes 1. A process that forks
 * and exits during the look is caught by listing again until nothing new shows up. What cannot be looked
 * into is looked at again, and at last counts as holding, unless it was there before this shell, or is
 * dead: a zombie, or exiting (flag 4), with no other thread. PID 1 and this shell do not count.
 */
const LOOK = [
  'wp_a=" /proc/1 /proc/$$ "; wp_t=0;',
  'while :; do wp_f=0;',
  'for wp_p in /proc/[0-9]*; do',
  'case $wp_a in *" $wp_p "*) continue;; esac;',
  'wp_f=1;',
  'for wp_q in $wp_p/fd/*; do',
  'if [ $wp_q -ef /proc/$$/fd/1 ] || [ $wp_q -ef /proc/$$/fd/9 ]; then wp_d=1; break 3; fi; done;',
  `if [ -e "$wp_q" ] || [ -e $wp_p/cwd ] || [ ! -d $wp_p ]; then ${SEEN} continue; fi;`,
  `case $wp_u in *" $wp_p "*) ${SEEN} continue;; esac;`,
  'wp_s=; read -r wp_s <$wp_p/stat; set -- ${wp_s##*") "};',
  'if [ $# -gt 18 ] && [ ${18} -lt 2 ] && { [ $1 = Z ] || [ $1 = X ] || [ $(($7&4)) = 4 ]; }; then',
  `${SEEN} fi;`,
  'set --; done;',
  'if [ $wp_f = 0 ]; then break; fi;',
  'wp_t=$((wp_t+1)); if [ $wp_t -gt 20 ]; then wp_d=1; break; fi;',
  'done;',
];

/**
 * A request is a line: nonce, mode, marker, script. Modes: `r` runs the script in a subshell without input, `b` in
 * a subshell that reads what follows on stdin, as the shell's last act, `d` in the shell itself, for our
 * own scripts that must work when no process can be made. `h` is answered by nothing: it sets the directory
 * that commands with a marker (`-` is none) run in from then on. When the subshell was the only process
 * made, nothing can be left running, and the look is saved.
 */
const SERVE = [
  "while IFS=' ' read -r wp_k wp_m wp_g wp_s; do wp_d=0; wp_b=; wp_e=;",
  'if [ $wp_m = h ]; then eval "$wp_s"; continue; fi;',
  readCursor('wp_b'),
  'case $wp_m in',
  `r) (${RUN}) <&8 2>&9 8<&- 9>&-; wp_c=$?;;`,
  `b) (${RUN}) 2>&9 8<&- 9>&-; wp_c=$?;;`,
  'd) eval "$wp_s"; wp_c=$?;;',
  '*) exit 3;; esac;',
  readCursor('wp_e'),
  'if [ $wp_m = d ]; then :;',
  'elif [ $wp_v = 0 ]; then wp_d=1;',
  'elif [ $wp_r = 0 ] || [ "$wp_e" != $((wp_b+1)) ]; then',
  ...LOOK,
  'fi;',
  "printf '%s %s %s\\n' $wp_k $wp_c $wp_d || exit 4; printf '%s\\n' $wp_k >&9 || exit 4;",
  'if [ $wp_m = b ]; then exit $wp_c; fi; done',
];

/** The loop: one line of POSIX shell text, the first line that a shell reads. */
export const SHELL_LOOP: string = [...PREPARE, ...SERVE].join(' ');
