import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import type { ClientError } from '../client/client-error.js';
import type { PoolRef } from '../client/requests.js';
import type { WarmpoolClient } from '../client/warmpool-client.js';
import { type CliDeps, EXIT } from './cli-deps.js';
import { addConnectionOptions, type ConnectionOptions, withClient } from './connection.js';
import { leaseRows, sandboxRows, timelineRows } from './item-rows.js';
import { addOutputOption, type OutputOptions, type Printable, print } from './output.js';
import { resourceName } from './parse-option.js';
import { poolRows } from './pool-rows.js';

type Done = (exitStatus: number) => void;

interface GetOptions extends ConnectionOptions, OutputOptions {
  readonly allNamespaces?: boolean;
}

/** Reads something and says how to print it. */
type Read = (client: WarmpoolClient) => Promise<E.Either<ClientError, Printable>>;

const get = (deps: CliDeps, options: GetOptions, read: Read): Promise<number> =>
  withClient(deps, options.url, async (client) => {
    const printed = await read(client);
    if (E.isLeft(printed)) return printed;
    await print(deps, options.output, printed.right);
    return E.right(EXIT.ok);
  });

const namespaceOf = (options: GetOptions): string | undefined =>
  options.allNamespaces === true ? undefined : options.namespace;

/** The pool that was named, or all that there are. */
const poolRefs = async (
  client: WarmpoolClient,
  options: GetOptions,
  pool: string | undefined,
): Promise<E.Either<ClientError, readonly PoolRef[]>> => {
  if (pool !== undefined) return E.right([{ namespace: options.namespace, pool }]);
  const pools = await client.pools(namespaceOf(options))();
  if (E.isLeft(pools)) return pools;
  return E.right(
    pools.right.map(({ metadata }) => ({ namespace: metadata.namespace, pool: metadata.name })),
  );
};

/** What `read` gives for each pool, in order, all together; the first failure ends it. */
const forEachPool = async <A>(
  pools: E.Either<ClientError, readonly PoolRef[]>,
  read: (pool: PoolRef) => Promise<E.Either<ClientError, readonly A[]>>,
): Promise<E.Either<ClientError, readonly A[]>> => {
  if (E.isLeft(pools)) return pools;
  const all: A[] = [];
  for (const pool of pools.right) {
    const items = await read(pool);
    if (E.isLeft(items)) return items;
    all.push(...items.right);
  }
  return E.right(all);
};

const readPools = (options: GetOptions, name: string | undefined): Read =>
  name === undefined
    ? async (client) => {
        const pools = await client.pools(namespaceOf(options))();
        return E.isLeft(pools) ? pools : E.right(poolRows(pools.right, { items: pools.right }));
      }
    : async (client) => {
        const pool = await client.pool({ namespace: options.namespace, pool: name })();
        return E.isLeft(pool) ? pool : E.right(poolRows([pool.right], pool.right));
      };

const readSandboxes =
  (deps: CliDeps, options: GetOptions, pool: string | undefined): Read =>
  async (client) => {
    const pools = await poolRefs(client, options, pool);
    const items = await forEachPool(pools, (one) => client.sandboxes(one)());
    return E.isLeft(items) ? items : E.right(sandboxRows(items.right, deps.clock.now()));
  };

const readLeases =
  (deps: CliDeps, options: GetOptions, pool: string | undefined): Read =>
  async (client) => {
    const pools = await poolRefs(client, options, pool);
    const items = await forEachPool(pools, async (one) => {
      const leases = await client.leases(one)();
      return E.isLeft(leases) ? leases : E.right(leases.right.items);
    });
    if (E.isLeft(items)) return items;
    return E.right(leaseRows(items.right, deps.clock.now(), { items: items.right }));
  };

const readTimeline =
  (deps: CliDeps, options: GetOptions, names: { pool: string; sandbox: string }): Read =>
  async (client) => {
    const pool = { namespace: options.namespace, pool: names.pool };
    const items = await client.timeline(pool, names.sandbox)();
    return E.isLeft(items) ? items : E.right(timelineRows(items.right, deps.clock.now()));
  };

/** Adds `warmpool get pools|sandboxes|leases|timeline`. */
export const addGetCommand = (program: Command, deps: CliDeps, done: Done): void => {
  const parent = program.command('get').description('show what there is');
  const add = (name: string, description: string): Command =>
    addOutputOption(
      addConnectionOptions(parent.command(name).description(description), deps).option(
        '-A, --all-namespaces',
        'of all namespaces',
      ),
    );
  add('pools', 'pools and how they are doing')
    .argument('[NAME]', 'only this pool', resourceName)
    .aliases(['pool', 'sandboxpools', 'sbp'])
    .action(async (name: string | undefined, options: GetOptions) =>
      done(await get(deps, options, readPools(options, name))),
    );
  add('sandboxes', 'sandboxes of a pool, or of all')
    .argument('[POOL]', 'name of the pool', resourceName)
    .alias('sandbox')
    .action(async (pool: string | undefined, options: GetOptions) =>
      done(await get(deps, options, readSandboxes(deps, options, pool))),
    );
  add('leases', 'leases of a pool, or of all')
    .argument('[POOL]', 'name of the pool', resourceName)
    .alias('lease')
    .action(async (pool: string | undefined, options: GetOptions) =>
      done(await get(deps, options, readLeases(deps, options, pool))),
    );
  add('timeline', 'what happened to a sandbox')
    .argument('<POOL>', 'name of the pool', resourceName)
    .argument('<SANDBOX>', 'name of the sandbox')
    .action(async (pool: string, sandbox: string, options: GetOptions) =>
      done(await get(deps, options, readTimeline(deps, options, { pool, sandbox }))),
    );
};
