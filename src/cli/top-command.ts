import { type Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import type { ClientError } from '../client/client-error.js';
import type { Pool } from '../client/replies.js';
import type { WarmpoolClient } from '../client/warmpool-client.js';
import { type CliDeps, EXIT } from './cli-deps.js';
import { addConnectionOptions, type ConnectionOptions, withClient } from './connection.js';
import { formatted, print } from './output.js';
import { seconds } from './parse-option.js';
import { topRows } from './pool-rows.js';
import { write } from './write.js';

interface TopOptions extends ConnectionOptions {
  readonly allNamespaces?: boolean;
  readonly once?: boolean;
  readonly interval: number;
}

interface PoolLoad {
  readonly pool: Pool;
  readonly queueLength: number;
}

const readLoad = async (
  client: WarmpoolClient,
  namespace: string | undefined,
): Promise<E.Either<ClientError, readonly PoolLoad[]>> => {
  const pools = await client.pools(namespace)();
  if (E.isLeft(pools)) return pools;
  const load: PoolLoad[] = [];
  for (const pool of pools.right) {
    const { metadata } = pool;
    const leases = await client.leases({ namespace: metadata.namespace, pool: metadata.name })();
    if (E.isLeft(leases)) return leases;
    load.push({ pool, queueLength: leases.right.queueLength });
  }
  return E.right(load);
};

const CLEAR_SCREEN = '\u001b[H\u001b[J';

/** Resolves after that time, or at once when `signal` aborts. */
const pause = (deps: CliDeps, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = deps.clock.setTimer(ms, resolve);
    signal.addEventListener('abort', () => {
      timer.cancel();
      resolve();
    });
  });

const runTop = (deps: CliDeps, options: TopOptions): Promise<number> =>
  withClient(deps, options.url, async (client) => {
    const namespace = options.allNamespaces === true ? undefined : options.namespace;
    const interrupted = new AbortController();
    const forget = deps.onInterrupt(() => interrupted.abort());
    try {
      for (;;) {
        const load = await readLoad(client, namespace);
        if (E.isLeft(load)) return load;
        const rows = topRows(load.right);
        // only a terminal can be painted over; anything else gets the table once
        if (options.once === true || !deps.isTty) {
          await print(deps, 'table', rows);
          return E.right(EXIT.ok);
        }
        const shown = await write(deps.stdout, CLEAR_SCREEN + formatted(deps, 'table', rows));
        await pause(deps, options.interval * 1000, interrupted.signal);
        if (!shown || interrupted.signal.aborted) return E.right(EXIT.ok);
      }
    } finally {
      forget();
    }
  });

/** Adds `warmpool top`. */
export const addTopCommand = (
  program: Command,
  deps: CliDeps,
  done: (exitStatus: number) => void,
): void => {
  const command = program
    .command('top')
    .description('watch how full the pools are')
    .option('-A, --all-namespaces', 'pools of all namespaces')
    .option('--once', 'print once and end')
    .addOption(
      new Option('--interval <seconds>', 'between two looks').argParser(seconds).default(2),
    );
  addConnectionOptions(command, deps).action(async (options: TopOptions) =>
    done(await runTop(deps, options)),
  );
};
