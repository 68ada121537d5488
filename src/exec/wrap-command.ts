import type { CommandSpec } from './command.js';
import { MARKER_VARIABLE } from './command-marker.js';
import { CANNOT_RUN, ENTER_THREAD, MARK } from './enter-thread.js';
import { quoteWord, quoteWords } from './quote.js';

/**
 * Variables that some shell keeps for itself: read-only, computed, or changing how it reads the rest of
 * the script. `env` hands them over instead of the shell.
 */
const SHELL_OWN =
  /^(?:BASH.*|SHELLOPTS|POSIXLY_CORRECT|IFS|OPT(?:IND|ARG|ERR)|PS\d|PPID|PWD|OLDPWD|CDPATH|ENV|LINENO|S?RANDOM|SECONDS|EPOCH.*|E?UID|GROUPS|DIRSTACK|FUNCNAME|PIPESTATUS|HISTCMD|_)$/;

export type CommandFields = Pick<CommandSpec, 'command' | 'cwd' | 'env'>;

const assignments = (variables: readonly (readonly [string, string])[]): string =>
  variables.map(([name, value]) => `${name}=${quoteWord(value)}`).join(' ');

/** The `./` keeps CDPATH, options and `cd -` out of it. */
const enterCwd = (cwd: string): string =>
  `cd ${quoteWord(cwd.startsWith('/') ? cwd : `./${cwd}`)}||exit ${CANNOT_RUN}`;

/** `exec` saves a fork; it takes no word that looks like an option, and dash knows no `--` there. */
const runArgv = (argv: readonly string[]): string => {
  const [name = ''] = argv;
  const words = argv.length === 0 ? "''" : quoteWords(argv);
  return name.startsWith('-') ? words : `exec ${words}`;
};

const runWithEnv = (
  command: CommandSpec['command'],
  variables: readonly (readonly [string, string])[],
): string => {
  const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
  return `exec env ${assignments(variables)} ${quoteWords(argv)}`;
};

/**
 * Outside of a loop of their own `break` and `continue` would find the one that serves requests, and end the
 * command early; `$$` would be the resident shell, and `kill $$` its end.
 */
const NEEDS_OWN_SHELL = /\b(?:break|continue)\b|\$\$|\$\{\$\}/;

/** Linux takes no longer word for a program: 128 KiB, with the NUL at its end. */
const LONGEST_WORD_BYTES = 131_071;

/** Where the text is too long for that, a function hides the loop. (In busybox, not from a stray `continue`.) */
const runInOwnShell = (text: string): string =>
  Buffer.byteLength(text) <= LONGEST_WORD_BYTES
    ? `exec sh -c ${quoteWord(text)}`
    : `wp_f(){ unset -f wp_f;eval ${quoteWord(text)};};wp_f`;

const runCommand = (command: CommandSpec['command']): string => {
  if (typeof command !== 'string') return runArgv(command);
  return NEEDS_OWN_SHELL.test(command) ? runInOwnShell(command) : command;
};

/**
 * The script that runs a command with its environment, once its thread's directory is entered. Short, as
 * shells read byte by byte, and each 100 bytes cost up to 0.1 ms: plain text is the script as it stands.
 *
 * The status is the command's own; 126, with the reason on stderr, when `cwd` cannot be entered. The
 * script is on one line unless the command, a directory or a value holds a newline.
 */
export const commandScript = (fields: CommandFields): string => {
  // a caller's own marker would hide the command from what kills it
  const variables = Object.entries(fields.env ?? {}).filter(([name]) => name !== MARKER_VARIABLE);
  const forShell = variables.filter(([name]) => !SHELL_OWN.test(name));
  const forEnv = variables.filter(([name]) => SHELL_OWN.test(name));
  return [
    ...(fields.cwd === undefined || fields.cwd === '' ? [] : [enterCwd(fields.cwd)]),
    ...(forShell.length === 0 ? [] : [`export ${assignments(forShell)}`]),
    forEnv.length > 0 ? runWithEnv(fields.command, forEnv) : runCommand(fields.command),
  ].join(';');
};

/** The thread that a command belongs to, and the name of this one run; see command-marker.ts. */
export interface CommandPlace {
  /** Absolute. */
  readonly directory: string;
  readonly marker: string;
}

/** All of it, for a shell that is started for this command alone. */
export const wholeScript = (fields: CommandFields, place: CommandPlace): string =>
  `wp_g=${place.marker};wp_h=${quoteWord(place.directory)};{ ${MARK} } 2>/dev/null;${ENTER_THREAD}unset wp_g wp_h;${commandScript(fields)}`;
