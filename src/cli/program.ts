import { Command, CommanderError } from 'commander';
import { type CliDeps, EXIT } from './cli-deps.js';
import { addCompletionCommand } from './completion-command.js';
import { addCrdCommand } from './crd-command.js';
import { addExecCommand } from './exec-command.js';
import { addGetCommand } from './get-command.js';
import { addLeaseCommand } from './lease-command.js';
import { addReleaseCommand } from './release-command.js';
import { separateCommand } from './separate-command.js';
import { addTopCommand } from './top-command.js';

export type { CliDeps } from './cli-deps.js';

/** The command line with all its commands; `done` takes the exit status of the one that ran. */
export const createProgram = (deps: CliDeps, done: (exitStatus: number) => void): Command => {
  const program = new Command('warmpool')
    .description(
      "keeps sandboxes warm and runs an agent's commands in them for the price of a fork",
    )
    .version(deps.version)
    // before any command is added, because they inherit it
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void deps.stdout.write(text),
      writeErr: (text) => void deps.stderr.write(text),
      getOutHasColors: () => deps.isTty && deps.colours,
      getErrHasColors: () => false,
    });
  deps.makeUp?.(program, done);
  addExecCommand(program, deps, done);
  addLeaseCommand(program, deps, done);
  addReleaseCommand(program, deps, done);
  addGetCommand(program, deps, done);
  addTopCommand(program, deps, done);
  addCrdCommand(program, deps, done);
  addCompletionCommand(program, deps, done);
  return program;
};

const separated = (program: Command, words: readonly string[]): readonly string[] => {
  const [first, ...rest] = words;
  const exec = program.commands.find((command) => command.name() === 'exec');
  return first === 'exec' && exec !== undefined ? [first, ...separateCommand(exec, rest)] : words;
};

/** Runs a command line (without the names of node and script) and resolves with its exit status. */
export const runProgram = async (words: readonly string[], deps: CliDeps): Promise<number> => {
  let status: number = EXIT.ok;
  const program = createProgram(deps, (exitStatus) => {
    status = exitStatus;
  });
  try {
    await program.parseAsync([...separated(program, words)], { from: 'user' });
    return status;
  } catch (error) {
    // help and version end so too, with status 0; anything else is a mistake in the command line, already reported
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
};
