import type { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import type { ClientError } from '../client/client-error.js';
import { createClient, type WarmpoolClient } from '../client/warmpool-client.js';
import { type CliDeps, EXIT } from './cli-deps.js';
import { describeFailure } from './describe-failure.js';
import { resourceName } from './parse-option.js';
import { usageFault } from './usage-fault.js';
import { write } from './write.js';

const DEFAULT_URL = 'http://127.0.0.1:7070';

/** Options that every command has that talks to a running warmpool. */
export interface ConnectionOptions {
  readonly url: string;
  readonly namespace: string;
}

export const addConnectionOptions = (command: Command, deps: CliDeps): Command =>
  command
    .option(
      '-n, --namespace <name>',
      'namespace of the pool',
      resourceName,
      deps.env.namespace ?? 'default',
    )
    .option('--url <url>', 'where warmpool listens', deps.env.url ?? DEFAULT_URL);

const openClient = (deps: CliDeps, url: string): E.Either<string, WarmpoolClient> => {
  const { token } = deps.env;
  return E.tryCatch(
    () => createClient({ url, ...(token === undefined ? {} : { token }) }),
    () => `"${url}" is no URL: write http://HOST:PORT, or unix:/path of a socket`,
  );
};

/** Says on stderr what went wrong and what to do; gives the exit status. */
export const fail = async (deps: CliDeps, message: string, status: number): Promise<number> => {
  await write(deps.stderr, `warmpool: ${message}\n`);
  return status;
};

/** Runs with a client, and says what went wrong if something did. Resolves with the exit status. */
export const withClient = async (
  deps: CliDeps,
  url: string,
  run: (client: WarmpoolClient) => Promise<E.Either<ClientError, number>>,
): Promise<number> => {
  const client = openClient(deps, url);
  if (E.isLeft(client)) return fail(deps, client.left, EXIT.usage);
  try {
    const status = await run(client.right);
    if (E.isRight(status)) return status.right;
    if (status.left.type === 'Aborted') return EXIT.interrupted;
    const fault = usageFault(status.left);
    return await (fault === undefined
      ? fail(deps, describeFailure(status.left), EXIT.failed)
      : fail(deps, fault, EXIT.usage));
  } finally {
    await client.right.close();
  }
};
