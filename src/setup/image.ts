import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import { type Config, readConfig } from '../config.js';
import { ensureEngine } from './ensure-engine.js';
import { ensureBusyboxImage, ensurePythonImage } from './ensure-image.js';
import { progressOf } from './progress.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

const KINDS = { python: ensurePythonImage, busybox: ensureBusyboxImage };

const run = async (
  argv: readonly string[],
  config: Config,
): Promise<E.Either<SetupFailed, string>> => {
  const [kind, ...flags] = argv;
  const known = kind === 'python' || kind === 'busybox';
  if (!known || flags.some((flag) => flag !== '--force')) {
    return E.left(setupFailed('usage: image.js python|busybox [--force]'));
  }
  const { engineDirectory: directory, image: wanted } = config.setup;
  const engine = await ensureEngine({
    docker: config.docker,
    ...(directory === undefined ? {} : { directory }),
    progress: progressOf('engine'),
  })();
  if (E.isLeft(engine)) return engine;
  return KINDS[kind]({
    engine: engine.right,
    force: flags.length > 0,
    ...(wanted === undefined ? {} : { wanted }),
    progress: progressOf('image'),
  })();
};

/** `image.js python|busybox [--force]`: prints the image to use and gives the exit code. */
export const main = async (
  argv: readonly string[],
  config: E.Either<{ readonly message: string }, Config>,
): Promise<number> => {
  const result = E.isLeft(config) ? config : await run(argv, config.right);
  if (E.isRight(result)) {
    process.stdout.write(`${result.right}\n`);
    return 0;
  }
  process.stderr.write(`image    ${result.left.message}\n`);
  return 1;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2), readConfig());
}
