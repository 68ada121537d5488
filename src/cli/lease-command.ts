import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { type CliDeps, EXIT } from './cli-deps.js';
import { addConnectionOptions, type ConnectionOptions, withClient } from './connection.js';
import { leaseRows } from './item-rows.js';
import { addOutputOption, type OutputOptions, print } from './output.js';
import { assignment, positiveInteger, resourceName, threadName } from './parse-option.js';
import { waitingLine } from './waiting-line.js';

interface LeaseOptions extends ConnectionOptions, OutputOptions {
  readonly thread: string;
  readonly duration?: number;
  readonly label: Readonly<Record<string, string>>;
}

const runLease = (deps: CliDeps, pool: string, options: LeaseOptions): Promise<number> =>
  withClient(deps, options.url, async (client) => {
    const controller = new AbortController();
    const forget = deps.onInterrupt(() => controller.abort());
    const request = {
      namespace: options.namespace,
      pool,
      thread: options.thread,
      ...(options.duration === undefined ? {} : { durationSeconds: options.duration }),
      ...(Object.keys(options.label).length === 0 ? {} : { labels: options.label }),
    };
    const waiting = waitingLine(deps, { pool, waits: async () => true });
    const granted = await client.acquire(request, controller)().finally(forget);
    await waiting.end();
    if (E.isLeft(granted)) return granted;
    const { lease } = granted.right;
    await print(deps, options.output, leaseRows([lease], deps.clock.now(), lease));
    return E.right(EXIT.ok);
  });

/** Adds `warmpool lease`. */
export const addLeaseCommand = (
  program: Command,
  deps: CliDeps,
  done: (exitStatus: number) => void,
): void => {
  const command = program
    .command('lease')
    .description('lease a sandbox for a thread, or renew its lease')
    .argument('<POOL>', 'name of the pool', resourceName)
    .requiredOption('-t, --thread <name>', 'whose sandbox: a conversation, a job', threadName)
    .option('--duration <seconds>', "how long; the pool's own time if absent", positiveInteger)
    .option('-l, --label <name=value>', 'label of the lease; may be repeated', assignment, {});
  addOutputOption(addConnectionOptions(command, deps)).action(
    async (pool: string, options: LeaseOptions) => done(await runLease(deps, pool, options)),
  );
};
