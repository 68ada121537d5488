import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import type { ExecExit } from '../client/replies.js';
import type { ExecRequest, ThreadRef } from '../client/requests.js';
import type { WarmpoolClient } from '../client/warmpool-client.js';
import { type CliDeps, EXIT } from './cli-deps.js';
import { addConnectionOptions, type ConnectionOptions, fail, withClient } from './connection.js';
import { addOutputOption, type OutputOptions, print } from './output.js';
import { assignment, resourceName, seconds, threadName } from './parse-option.js';
import { readAll } from './read-all.js';
import { type WaitingLine, waitingLine } from './waiting-line.js';
import { write } from './write.js';

interface ExecOptions extends ConnectionOptions, OutputOptions {
  readonly thread: string;
  readonly command?: string;
  readonly stdin?: boolean;
  readonly timeout?: number;
  readonly cwd?: string;
  readonly user?: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What warmpool takes in one request. */
const MAX_STDIN_BYTES = 16 * 1024 * 1024;

interface Run {
  readonly deps: CliDeps;
  readonly client: WarmpoolClient;
  readonly request: ExecRequest;
  readonly controller: AbortController;
  readonly waiting: WaitingLine;
}

const statusOf = (exit: ExecExit): number => (exit.timedOut ? EXIT.timedOut : exit.exitCode);

const OUTPUTS = ['stdout', 'stderr'] as const;
type Output = (typeof OUTPUTS)[number];

/** What the exit status alone does not tell; `printed` are the bytes that came of each. */
const remarks = (exit: ExecExit, printed: Readonly<Record<Output, number>>): string => {
  const cut = OUTPUTS.filter((name) => exit.truncated[name]);
  const lines = [
    ...(exit.timedOut ? ['the command was killed because its time was up'] : []),
    ...cut.map(
      (name) =>
        `${name} was cut off after ${printed[name]} bytes: the pool keeps no more (spec.exec.maxOutputBytes)`,
    ),
  ];
  return lines.map((line) => `warmpool: ${line}\n`).join('');
};

/** Output goes to our own stdout and stderr as it comes. */
const runStreaming = async ({ deps, client, request, controller, waiting }: Run) => {
  const printed: Record<Output, number> = { stdout: 0, stderr: 0 };
  const onOutput = async (output: Output, bytes: Buffer): Promise<void> => {
    await waiting.end();
    printed[output] += bytes.length;
    const written = await write(deps[output], bytes);
    if (!written) controller.abort(); // nobody reads any more: as SIGPIPE would
  };
  const exit = await client.executeStream(request, onOutput, controller)();
  await waiting.end();
  if (E.isLeft(exit)) return exit;
  await write(deps.stderr, remarks(exit.right, printed));
  return E.right(statusOf(exit.right));
};

const runForMachines = async (
  { deps, client, request, controller, waiting }: Run,
  format: 'json' | 'yaml',
) => {
  const reply = await client.execute(request, controller)();
  await waiting.end();
  if (E.isLeft(reply)) return reply;
  await print(deps, format, { value: reply.right, headings: [], rows: [], names: [] });
  return E.right(statusOf(reply.right));
};

const requestOf = (
  pool: string,
  command: string | readonly string[],
  options: ExecOptions & { readonly input: Uint8Array | undefined },
): ExecRequest => ({
  namespace: options.namespace,
  pool,
  thread: options.thread,
  command,
  ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  ...(options.user === undefined ? {} : { user: options.user }),
  ...(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout }),
  ...(Object.keys(options.env).length === 0 ? {} : { env: options.env }),
  ...(options.input === undefined ? {} : { stdin: options.input }),
});

const runExec = async (
  deps: CliDeps,
  pool: string,
  given: { readonly words: readonly string[]; readonly options: ExecOptions },
): Promise<number> => {
  const { words, options } = given;
  if ((options.command === undefined) === (words.length === 0)) {
    return fail(deps, 'exec needs a command: either words, or -c TEXT for sh', EXIT.usage);
  }
  const input =
    options.stdin === true ? await readAll(deps.stdin, MAX_STDIN_BYTES) : E.right(undefined);
  if (E.isLeft(input)) return fail(deps, `stdin: ${input.left}`, EXIT.failed);
  const request = requestOf(pool, options.command ?? words, { ...options, input: input.right });
  return withClient(deps, options.url, async (client) => {
    const controller = new AbortController();
    const forget = deps.onInterrupt(() => controller.abort());
    const waiting = waitingLine(deps, { pool, waits: async () => holdsNoLease(client, request) });
    const run = { deps, client, request, controller, waiting };
    const { output } = options;
    const status =
      output === 'json' || output === 'yaml' ? runForMachines(run, output) : runStreaming(run);
    return status.finally(forget);
  });
};

/** Whether the thread has no sandbox yet; what cannot be found out is not claimed. */
const holdsNoLease = async (client: WarmpoolClient, thread: ThreadRef): Promise<boolean> => {
  const lease = await client.lease(thread)();
  return E.isLeft(lease) && lease.left.type === 'Problem' && lease.left.status === 410;
};

/** Adds `warmpool exec`. Words are an argument vector that no shell interprets; `-c` takes text for sh. */
export const addExecCommand = (
  program: Command,
  deps: CliDeps,
  done: (exitStatus: number) => void,
): void => {
  const command = program
    .command('exec')
    .description("run a command in a thread's sandbox; leases one if the thread has none")
    .argument('<POOL>', 'name of the pool', resourceName)
    .argument('[COMMAND...]', 'the program and its arguments')
    .requiredOption('-t, --thread <name>', 'whose sandbox: a conversation, a job', threadName)
    .option('-c, --command <text>', 'text for sh, instead of COMMAND')
    .option('-i, --stdin', 'pass stdin on to the command')
    .option('--timeout <seconds>', "until it is killed; the pool's own time if absent", seconds)
    .option('--cwd <directory>', "where to run; below the thread's own directory unless absolute")
    .option('-u, --user <user>', 'user to run as: name, uid or uid:gid')
    .option('-e, --env <name=value>', 'environment variable; may be repeated', assignment, {})
    .addHelpText('after', HELP);
  addOutputOption(addConnectionOptions(command, deps), ['table', 'json', 'yaml']).action(
    async (pool: string, words: readonly string[], options: ExecOptions) =>
      done(await runExec(deps, pool, { words, options })),
  );
};

const HELP = `
Everything after POOL and its options is the command: no shell looks at it, as with docker exec.
Exits with the status of the command; 124 when it timed out, 130 after Ctrl-C, 1 when warmpool failed.

Examples:
  warmpool exec python -t chat-7 python3 -c 'print(1)'
  warmpool exec python -t chat-7 -c 'ls *.csv | wc -l'
  warmpool exec python -t chat-7 -i -- python3 - < script.py`;
