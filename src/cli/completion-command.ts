import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { createClient } from '../client/warmpool-client.js';
import { type CliDeps, EXIT } from './cli-deps.js';
import { COMPLETION_SCRIPTS, isShell, SHELLS } from './completion-scripts.js';
import { fail } from './connection.js';
import { write } from './write.js';

/** Commands whose first word is a pool. */
const TAKE_A_POOL = ['exec', 'lease', 'release'];
/** Things of `get` whose first word is a pool. */
const GET_WITH_POOL = ['pools', 'pool', 'sandboxes', 'leases', 'timeline'];

const optionValue = (words: readonly string[], flags: readonly string[]): string | undefined => {
  const at = words.findIndex((word) => flags.includes(word));
  return at < 0 ? undefined : words[at + 1];
};

/** Names of the pools; none if warmpool cannot be asked: a completion must not fail. */
const poolNames = async (deps: CliDeps, words: readonly string[]): Promise<readonly string[]> => {
  const url = optionValue(words, ['--url']) ?? deps.env.url ?? 'http://127.0.0.1:7070';
  const namespace = optionValue(words, ['-n', '--namespace']) ?? deps.env.namespace ?? 'default';
  const { token } = deps.env;
  const opened = E.tryCatch(
    () => createClient({ url, ...(token === undefined ? {} : { token }) }),
    E.toError,
  );
  if (E.isLeft(opened)) return [];
  const pools = await opened.right.pools(namespace)();
  await opened.right.close();
  return E.isLeft(pools) ? [] : pools.right.map(({ metadata }) => metadata.name);
};

const flagsOf = (command: Command | undefined): readonly string[] =>
  command?.options.flatMap((option) =>
    option.hidden ? [] : [option.long ?? option.short ?? ''],
  ) ?? [];

const named = (parent: Command, name: string | undefined): Command | undefined =>
  parent.commands.find(
    (command) => command.name() === name || command.aliases().includes(name ?? ''),
  );

/** What may come next; the last word is the one that is being typed. */
const candidates = async (
  program: Command,
  deps: CliDeps,
  words: readonly string[],
): Promise<readonly string[]> => {
  const [first, second] = words;
  if (words.length <= 1) {
    return program.commands
      .map((command) => command.name())
      .filter((name) => !name.startsWith('_'));
  }
  const command = named(program, first);
  const inGet = first === 'get' && command !== undefined;
  if ((words.at(-1) ?? '').startsWith('-')) {
    return flagsOf(inGet ? named(command, second) : command);
  }
  if (inGet && words.length === 2) return command.commands.map((one) => one.name());
  if (inGet && words.length === 3 && GET_WITH_POOL.includes(second ?? ''))
    return poolNames(deps, words);
  if (TAKE_A_POOL.includes(first ?? '') && words.length === 2) return poolNames(deps, words);
  return first === 'completion' ? SHELLS : [];
};

/** Adds `warmpool completion`, and the hidden command that the scripts ask. */
export const addCompletionCommand = (
  program: Command,
  deps: CliDeps,
  done: (exitStatus: number) => void,
): void => {
  program
    .command(`completion <${SHELLS.join('|')}>`)
    .description('print a script that completes commands, options and names of pools')
    .addHelpText('after', '\nFor bash: source <(warmpool completion bash)')
    .action(async (shell: string) => {
      if (!isShell(shell)) {
        done(await fail(deps, `completion knows ${SHELLS.join(', ')}, not "${shell}"`, EXIT.usage));
        return;
      }
      await write(deps.stdout, COMPLETION_SCRIPTS[shell]);
      done(EXIT.ok);
    });
  program
    .command('__complete [WORDS...]', { hidden: true })
    .action(async (words: readonly string[]) => {
      const found = await candidates(program, deps, words);
      await write(deps.stdout, found.map((word) => `${word}\n`).join(''));
      done(EXIT.ok);
    });
};
