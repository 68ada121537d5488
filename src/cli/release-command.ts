import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { type CliDeps, EXIT } from './cli-deps.js';
import { addConnectionOptions, type ConnectionOptions, withClient } from './connection.js';
import { addOutputOption, type OutputOptions, print } from './output.js';
import { positiveInteger, resourceName, threadName } from './parse-option.js';
import { printable } from './printable.js';
import { write } from './write.js';

interface ReleaseOptions extends ConnectionOptions, OutputOptions {
  readonly thread: string;
  readonly epoch?: number;
}

const runRelease = (deps: CliDeps, pool: string, options: ReleaseOptions): Promise<number> =>
  withClient(deps, options.url, async (client) => {
    const { namespace, thread, epoch } = options;
    const request = { namespace, pool, thread, ...(epoch === undefined ? {} : { epoch }) };
    const released = await client.release(request)();
    if (E.isLeft(released)) return released;
    if (options.output === 'table') {
      const found = released.right ? 'released' : 'there was no lease to release';
      await write(deps.stdout, `thread ${printable(thread)}: ${found}\n`);
      return E.right(EXIT.ok);
    }
    const value = { namespace, pool, thread, released: released.right };
    await print(deps, options.output, { value, headings: [], rows: [], names: [] });
    return E.right(EXIT.ok);
  });

/** Adds `warmpool release`. */
export const addReleaseCommand = (
  program: Command,
  deps: CliDeps,
  done: (exitStatus: number) => void,
): void => {
  const command = program
    .command('release')
    .description('end the lease of a thread, its commands first')
    .argument('<POOL>', 'name of the pool', resourceName)
    .requiredOption('-t, --thread <name>', 'whose sandbox', threadName)
    .option('--epoch <number>', 'release only the lease of this epoch', positiveInteger);
  addOutputOption(addConnectionOptions(command, deps), ['table', 'json', 'yaml']).action(
    async (pool: string, options: ReleaseOptions) => done(await runRelease(deps, pool, options)),
  );
};
