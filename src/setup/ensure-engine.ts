import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { DockerEnvironment } from '../config.js';
import { type EngineDirectory, engineDirectory } from './engine-directory.js';
import { type EngineAddress, engineAddress, pingEngine } from './engine-http.js';
import { findOwnEngine, makeEngineDirectory, startOwnEngine } from './own-engine.js';
import { ensureProgram, findProgram, thisMachine, whyNotInstallable } from './packages.js';
import type { Progress } from './progress.js';
import { runCommand } from './run-command.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

export interface EnsureEngineOptions {
  readonly docker: DockerEnvironment;
  /** The own engine's directory; the default one when absent. */
  readonly directory?: string;
  readonly progress: Progress;
}

/** How long another start of the same engine is waited for. */
const LOCK_SECONDS = 900;

/** The engine that is there already: the named or usual one, or the project's own. */
const findEngine = async (
  address: EngineAddress,
  directory: EngineDirectory,
): Promise<EngineAddress | undefined> =>
  (await pingEngine(address)).type === 'answers' ? address : findOwnEngine(directory);

/** Why the project may not start an engine of its own here. */
const objection = async (
  options: EnsureEngineOptions,
  address: EngineAddress,
): Promise<string | undefined> => {
  if (address.socketPath === undefined) {
    return `the engine at DOCKER_HOST=${address.host} does not answer: start it, or unset DOCKER_HOST`;
  }
  const ping = await pingEngine(address);
  const named = options.docker.DOCKER_HOST !== undefined;
  if (ping.type === 'silent' && named) {
    return `the engine at DOCKER_HOST=${address.host} cannot be used: ${ping.message}`;
  }
  const machine = thisMachine();
  if (!machine.root) {
    const detail = ping.type === 'silent' ? ` (${ping.message})` : '';
    return `no Docker engine answers at ${address.host}${detail}, and starting one needs root: start one, or try again as root`;
  }
  return findProgram('dockerd') === undefined
    ? whyNotInstallable(machine, 'a Docker engine')
    : undefined;
};

/**
 * Makes sure that an engine answers, and tells where. One that answers is used as it is. Otherwise
 * Debian's is installed and started, as the project's own. Safe to call at the same time from
 * several processes: one starts it, the others wait and find it.
 */
export const ensureEngine =
  (options: EnsureEngineOptions): TaskEither<SetupFailed, EngineAddress> =>
  async () => {
    const address = engineAddress(options.docker);
    if (E.isLeft(address)) return address;
    const directory = engineDirectory(options.directory);
    const found = await findEngine(address.right, directory);
    if (found !== undefined) return E.right(found);
    const refused = await objection(options, address.right);
    if (refused !== undefined) return E.left(setupFailed(refused));
    const made = makeEngineDirectory(directory);
    if (E.isLeft(made)) return made;
    const started = await startUnderLock(options, directory)();
    if (E.isLeft(started)) return started;
    const now = await findEngine(address.right, directory);
    return now === undefined
      ? E.left(setupFailed('the engine was started, but does not answer any more'))
      : E.right(now);
  };

/**
 * flock(1) holds the lock for as long as the start takes and lets go however that ends. `-o` keeps
 * the lock's descriptor from the program, and so from the dockerd that outlives it.
 */
const startUnderLock =
  (options: EnsureEngineOptions, directory: EngineDirectory): TaskEither<SetupFailed, void> =>
  async () => {
    const script = fileURLToPath(new URL('./engine.js', import.meta.url));
    const ran = await runCommand(
      [
        'flock',
        '-o',
        '-w',
        String(LOCK_SECONDS),
        directory.lock,
        process.execPath,
        script,
        'start-own',
      ],
      { onLine: (line) => options.progress(line.replace(/^engine\s+/, '')) },
    )();
    if (E.isLeft(ran)) return ran;
    return ran.right.exitCode === 0
      ? E.right(undefined)
      : E.left(setupFailed('no Docker engine could be started; the lines above say why'));
  };

/** What runs under the lock: looks again, then installs and starts. */
export const startOwnUnlessThere =
  (options: EnsureEngineOptions): TaskEither<SetupFailed, EngineAddress> =>
  async () => {
    const address = engineAddress(options.docker);
    if (E.isLeft(address)) return address;
    const directory = engineDirectory(options.directory);
    const found = await findEngine(address.right, directory);
    if (found !== undefined) return E.right(found);
    const dockerd = await ensureProgram('dockerd', 'docker.io', options.progress)();
    if (E.isLeft(dockerd)) return dockerd;
    // the package starts the machine's own engine where there is a service manager
    const byPackage = await findEngine(address.right, directory);
    if (byPackage !== undefined) return E.right(byPackage);
    const free = (await pingEngine(address.right)).type === 'nobody';
    const socketPath = free ? (address.right.socketPath ?? directory.socket) : directory.socket;
    options.progress(`starting ${dockerd.right} (data in ${directory.root}, log ${directory.log})`);
    return startOwnEngine({ dockerd: dockerd.right, directory, socketPath })();
  };
