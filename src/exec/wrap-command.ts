import type { CommandSpec } from './command.js';
import { commandTag } from './command-tag.js';
import { quoteWord, quoteWords } from './quote.js';

/** Environment variable that every process of a command carries, unless it drops it. */
export const MARKER_VARIABLE = 'WARMPOOL_COMMAND';

/** A command that could not be started, as shells say it. */
const CANNOT_RUN = 126;

/**
 * Variables that some shell keeps for itself: read-only, computed, or changing how it reads the rest of
 * the script. `env` hands them over instead of the shell.
 */
const SHELL_OWN =
  /^(?:BASH.*|SHELLOPTS|POSIXLY_CORRECT|IFS|OPT(?:IND|ARG|ERR)|PS\d|PPID|PWD|OLDPWD|CDPATH|ENV|LINENO|S?RANDOM|SECONDS|EPOCH.*|E?UID|GROUPS|DIRSTACK|FUNCNAME|PIPESTATUS|HISTCMD|_)$/;

export type WrappedFields = Pick<CommandSpec, 'command' | 'threadDirectory' | 'cwd' | 'env'>;

const assignments = (variables: readonly (readonly [string, string])[]): string =>
  variables.map(([name, value]) => `${name}=${quoteWord(value)}`).join(' ');

/**
 * `wp_d` is named once and then meant: shells read byte by byte, and each 100 bytes cost up to 0.1 ms.
 * The directory is there, mostly; where it can be neither entered nor made, `mkdir` says why.
 */
const enterThreadDirectory = (directory: string, marker: string): string =>
  `wp_d=${quoteWord(directory)};` +
  `{ ulimit -S -m ${commandTag(marker)};cd "$wp_d"; } 2>/dev/null` +
  `||{ mkdir -p -m 700 "$wp_d"&&cd "$wp_d"; }||exit ${CANNOT_RUN};unset wp_d`;

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

/** Outside of a loop of their own these would find the one that serves requests, and end the command early. */
const LEAVES_LOOP = /\b(?:break|continue)\b/;

const runText = (text: string): string =>
  LEAVES_LOOP.test(text) ? `exec sh -c ${quoteWord(text)}` : `eval ${quoteWord(text)}`;

const runCommand = (command: CommandSpec['command']): string =>
  typeof command === 'string' ? runText(command) : runArgv(command);

/**
 * The script that runs a command in its thread's directory, with its environment, so that kill-script.ts
 * finds everything that it starts. `marker` is unique to this run: letters and digits, all of one length.
 *
 * The status is the command's own; 126, with the reason on stderr, when a directory cannot be entered. The
 * script is on one line unless the command, a directory or a value holds a newline.
 */
export const wrapCommand = (fields: WrappedFields, marker: string): string => {
  const variables = Object.entries(fields.env ?? {});
  const forShell = variables.filter(([name]) => !SHELL_OWN.test(name));
  const forEnv = variables.filter(([name]) => SHELL_OWN.test(name));
  return [
    enterThreadDirectory(fields.threadDirectory, marker),
    ...(fields.cwd === undefined || fields.cwd === '' ? [] : [enterCwd(fields.cwd)]),
    `export ${assignments([...forShell, [MARKER_VARIABLE, marker]])}`,
    forEnv.length > 0 ? runWithEnv(fields.command, forEnv) : runCommand(fields.command),
  ].join(';');
};
