import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { createClient } from '../client/warmpool-client.js';
import { type Config, readConfig } from '../config.js';
import { demoHttp } from './demo-http.js';
import { DEMO_POOL, demoManifest, waitForPool } from './demo-pool.js';
import { walk } from './demo-walk.js';
import type { EngineAddress } from './engine-http.js';
import { ensureEngine } from './ensure-engine.js';
import { ensurePythonImage } from './ensure-image.js';
import { freePort } from './free-port.js';
import { type OperatorProcess, startOperator } from './operator-process.js';
import { progressOf } from './progress.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

interface Ground {
  readonly engine: EngineAddress;
  readonly image: string;
}

const prepare =
  (config: Config): TaskEither<SetupFailed, Ground> =>
  async () => {
    const { engineDirectory: directory, image: wanted } = config.setup;
    const engine = await ensureEngine({
      docker: config.docker,
      ...(directory === undefined ? {} : { directory }),
      progress: progressOf('engine'),
    })();
    if (E.isLeft(engine)) return engine;
    progressOf('engine')(engine.right.host);
    const image = await ensurePythonImage({
      engine: engine.right,
      force: false,
      ...(wanted === undefined ? {} : { wanted }),
      progress: progressOf('image'),
    })();
    if (E.isLeft(image)) return image;
    progressOf('image')(image.right);
    return E.right({ engine: engine.right, image: image.right });
  };

const curlExample = (url: string, token: boolean): string => {
  const authorization = token ? ` \\\n    -H "authorization: Bearer $WARMPOOL_TOKEN"` : '';
  return `
The pool is up. Try, in another terminal:

  curl -s ${url}/v1/namespaces/default/pools/${DEMO_POOL}/threads/me/exec${authorization} \\
    -H 'content-type: application/json' -d '{"command": "python3 -c \\"print(6 * 7)\\""}'

  WARMPOOL_URL=${url} node dist/main.js exec ${DEMO_POOL} -t me -- python3 -c 'print(6 * 7)'

Ctrl-C ends it and removes its sandboxes.
`;
};

export interface DemoOptions {
  /** Stay up and serve there until interrupted, instead of giving the tour. */
  readonly serve?: string;
  readonly config: Config;
  /** Aborts when the person at the terminal has had enough. */
  readonly signal: AbortSignal;
}

/** Brings a pool up and gives the tour, or serves. Whatever happens, the operator is ended and its sandboxes removed. */
export const demo =
  (options: DemoOptions): TaskEither<SetupFailed, void> =>
  async () => {
    const ground = await prepare(options.config)();
    if (E.isLeft(ground)) return ground;
    if (options.signal.aborted) return E.left(setupFailed('interrupted'));
    const directory = mkdtempSync(join(tmpdir(), 'warmpool-demo-'));
    const manifest = join(directory, 'python.yaml');
    writeFileSync(manifest, demoManifest(ground.right.image));
    const listen = options.serve ?? `127.0.0.1:${await freePort()}`;
    const operator = startOperator({
      manifest,
      stateDirectory: join(directory, 'state'),
      listen,
      dockerHost: ground.right.engine.host,
      showLog: options.serve !== undefined,
    });
    try {
      return await withOperator(options, ground.right, { operator, listen });
    } finally {
      progressOf('pool')('removing its sandboxes');
      await operator.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  };

const print = (text: string): void => void process.stdout.write(text);

/** Where one reaches an address that was listened on: all addresses are reached on the loopback one, too. */
const urlOf = (listen: string): string => {
  if (listen.startsWith('unix:')) return listen;
  const [, host = '', port = ''] = /^(?:(.*):)?(\d+)$/.exec(listen) ?? [];
  const everywhere = ['', '0.0.0.0', '[::]'].includes(host);
  return `http://${everywhere ? '127.0.0.1' : host}:${port}`;
};

const withOperator = async (
  options: DemoOptions,
  ground: Ground,
  running: { readonly operator: OperatorProcess; readonly listen: string },
): Promise<E.Either<SetupFailed, void>> => {
  const { token } = options.config;
  const dead = new AbortController();
  const operatorEnded = running.operator.ended.then((code) => {
    dead.abort();
    const log = options.serve === undefined ? `; it said\n${running.operator.log()}` : '';
    return E.left(setupFailed(`the operator ended with status ${code}${log}`));
  });
  const url = urlOf(running.listen);
  const signal = AbortSignal.any([options.signal, dead.signal]);
  const client = createClient({ url, ...(token === undefined ? {} : { token }) });
  const http = demoHttp(client, { namespace: 'default', pool: DEMO_POOL }, signal);
  const tour = async (): Promise<E.Either<SetupFailed, void>> => {
    const ready = await waitForPool(http, signal);
    if (E.isLeft(ready)) return ready;
    print('\n');
    if (options.serve === undefined) return walk({ http, ...ground, print, signal })();
    print(curlExample(url, token !== undefined));
    await untilAborted(signal);
    return E.right(undefined);
  };
  // an operator that ends takes all calls with it: its own end is the reason to show
  const result = await Promise.race([tour(), operatorEnded]);
  await client.close();
  return dead.signal.aborted ? operatorEnded : result;
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const USAGE = 'usage: demo.js [--serve --listen HOST:PORT]';

/** `demo.js [--serve --listen HOST:PORT]`; gives the exit code. */
export const main = async (
  argv: readonly string[],
  config: E.Either<{ readonly message: string }, Config>,
): Promise<number> => {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort());
  }
  const { signal } = interrupted;
  const [serve, listenFlag, listen] = argv;
  const serving = serve === '--serve' && listenFlag === '--listen' && listen !== undefined;
  if (argv.length > 0 && !serving) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const result = E.isLeft(config)
    ? config
    : await demo({ ...(serving ? { serve: listen } : {}), config: config.right, signal })();
  if (E.isRight(result)) return 0;
  if (signal.aborted) return serving ? 0 : 130;
  process.stderr.write(`demo     ${result.left.message}\n`);
  return 1;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2), readConfig());
}
