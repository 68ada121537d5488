import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type Config, readConfig } from '../config.js';
import { engineDirectory, ownEnginePid } from './engine-directory.js';
import { engineAddress, pingEngine } from './engine-http.js';
import { ensureEngine, startOwnUnlessThere } from './ensure-engine.js';
import { findOwnEngine, stopOwnEngine } from './own-engine.js';
import { progressOf } from './progress.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/** Does one of the engine's verbs; what comes back is the line for stdout. */
const run = (verb: string | undefined, config: Config): TaskEither<SetupFailed, string> => {
  const progress = progressOf('engine');
  const { engineDirectory: root } = config.setup;
  const options = {
    docker: config.docker,
    ...(root === undefined ? {} : { directory: root }),
    progress,
  };
  switch (verb) {
    case 'ensure':
      return async () => E.map(({ host }: { host: string }) => host)(await ensureEngine(options)());
    case 'start-own':
      return async () =>
        E.map(({ host }: { host: string }) => `answers at ${host}`)(
          await startOwnUnlessThere(options)(),
        );
    case 'stop':
      return async () =>
        E.map((stopped: boolean) =>
          stopped ? 'stopped' : 'there is no engine of this project running',
        )(await stopOwnEngine(engineDirectory(root))());
    case 'status':
      return status(config);
    default:
      return async () => E.left(setupFailed('usage: engine.js ensure|stop|status'));
  }
};

const status =
  (config: Config): TaskEither<SetupFailed, string> =>
  async () => {
    const directory = engineDirectory(config.setup.engineDirectory);
    const own = await findOwnEngine(directory);
    if (own !== undefined) {
      return E.right(`own engine at ${own.host} (process ${ownEnginePid(directory)})`);
    }
    const address = engineAddress(config.docker);
    if (E.isLeft(address)) return address;
    const ping = await pingEngine(address.right);
    if (ping.type === 'answers') return E.right(`an engine answers at ${address.right.host}`);
    const detail = ping.type === 'silent' ? `: ${ping.message}` : '';
    return E.left(setupFailed(`no engine answers at ${address.right.host}${detail}`));
  };

/** `engine.js ensure|stop|status`: prints one line (for `ensure` the DOCKER_HOST to use) and gives the exit code. */
export const main = async (
  argv: readonly string[],
  config: E.Either<{ readonly message: string }, Config>,
): Promise<number> => {
  const result = E.isLeft(config) ? config : await run(argv[0], config.right)();
  if (E.isRight(result)) {
    process.stdout.write(`${result.right}\n`);
    return 0;
  }
  process.stderr.write(`engine   ${result.left.message}\n`);
  return 1;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2), readConfig());
}
