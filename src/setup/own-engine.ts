import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type EngineDirectory, ownEnginePid, readText } from './engine-directory.js';
import { type EngineAddress, engineAddress, pingEngine } from './engine-http.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/** A dockerd that starts at all does so in seconds; a loaded machine and a big data root take longer. */
const START_LIMIT_MS = 90_000;
/** dockerd itself gives containers 15 s to stop. */
const STOP_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** Lines of its log that are shown when it does not start. */
const SHOWN_LOG_LINES = 12;

const logEnd = (directory: EngineDirectory): string => {
  const lines = (readText(directory.log) ?? '').split('\n').slice(-SHOWN_LOG_LINES);
  return lines.map((line) => `  ${line}`).join('\n');
};

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Whether a dockerd lives as a process: one that has died and was not waited for yet is no engine. */
const runs = (pid: number): boolean => {
  if (!alive(pid)) return false;
  const state = readText(`/proc/${pid}/stat`)?.split(') ').at(-1)?.[0];
  return state !== 'Z';
};

const waitForAnswer = async (
  directory: EngineDirectory,
  address: EngineAddress,
  pid: number,
): Promise<E.Either<SetupFailed, EngineAddress>> => {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    if ((await pingEngine(address, 2_000)).type === 'answers') return E.right(address);
    if (!runs(pid)) {
      return E.left(
        setupFailed(
          `dockerd ended while it started; ${directory.log} ends with\n${logEnd(directory)}`,
        ),
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
  return E.left(
    setupFailed(
      `dockerd (process ${pid}) does not answer at ${address.host} after ${START_LIMIT_MS / 1_000} s; ${directory.log} ends with\n${logEnd(directory)}`,
    ),
  );
};

/**
 * No bridge and no firewall rules: sandboxes have no network unless their template asks for one, a
 * machine may lack both, and rules on one that has them would be a surprise to everything else on it.
 */
const dockerdArguments = (directory: EngineDirectory, socketPath: string): readonly string[] => [
  '--config-file',
  directory.configuration,
  '--data-root',
  directory.data,
  '--exec-root',
  directory.exec,
  '--pidfile',
  directory.pid,
  '--host',
  `unix://${socketPath}`,
  '--bridge',
  'none',
  '--iptables=false',
];

/** Starts dockerd so that it outlives this process, its output in the log file. */
const launch = (dockerd: string, directory: EngineDirectory, socketPath: string): number => {
  const log = openSync(directory.log, 'a');
  try {
    const child = spawn(dockerd, dockerdArguments(directory, socketPath), {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
    });
    // a failure to start shows as a pid that does not run
    child.on('error', () => undefined);
    child.unref();
    return child.pid ?? -1;
  } finally {
    closeSync(log);
  }
};

/** The project's own engine, if it answers. */
export const findOwnEngine = async (
  directory: EngineDirectory,
): Promise<EngineAddress | undefined> => {
  const host = readText(directory.host);
  if (host === undefined || ownEnginePid(directory) === undefined) return undefined;
  const address = engineAddress({ DOCKER_HOST: host });
  if (E.isLeft(address)) return undefined;
  return (await pingEngine(address.right)).type === 'answers' ? address.right : undefined;
};

export interface StartOptions {
  readonly dockerd: string;
  readonly directory: EngineDirectory;
  /** Where it is to listen; nothing may listen there yet. */
  readonly socketPath: string;
}

/** Starts the project's own engine and waits until it answers. The caller holds the lock. */
export const startOwnEngine =
  (options: StartOptions): TaskEither<SetupFailed, EngineAddress> =>
  async () => {
    const { directory } = options;
    const running = ownEnginePid(directory);
    const host = running === undefined ? `unix://${options.socketPath}` : readText(directory.host);
    const address = engineAddress({ DOCKER_HOST: host ?? `unix://${options.socketPath}` });
    if (E.isLeft(address)) return address;
    if (running !== undefined) return waitForAnswer(directory, address.right, running);
    // dockerd refuses to start over a pid file whose number some other process has by now
    rmSync(directory.pid, { force: true });
    writeFileSync(directory.configuration, '{}\n');
    writeFileSync(directory.log, '');
    writeFileSync(directory.host, `${address.right.host}\n`);
    const pid = launch(options.dockerd, directory, options.socketPath);
    return waitForAnswer(directory, address.right, pid);
  };

export const makeEngineDirectory = (directory: EngineDirectory): E.Either<SetupFailed, void> =>
  E.tryCatch(
    () => void mkdirSync(directory.root, { recursive: true, mode: 0o711 }),
    (error) => setupFailed(`cannot make ${directory.root}: ${E.toError(error).message}`),
  );

/** Stops the project's own engine, and no other. Right(false) when it does not run. */
export const stopOwnEngine =
  (directory: EngineDirectory): TaskEither<SetupFailed, boolean> =>
  async () => {
    const pid = ownEnginePid(directory);
    if (pid === undefined) return E.right(false);
    try {
      process.kill(pid, 'SIGTERM');
    } catch (error) {
      return E.left(
        setupFailed(`cannot stop dockerd (process ${pid}): ${E.toError(error).message}`),
      );
    }
    const deadline = performance.now() + STOP_LIMIT_MS;
    while (runs(pid)) {
      if (performance.now() > deadline) {
        return E.left(
          setupFailed(
            `dockerd (process ${pid}) still runs ${STOP_LIMIT_MS / 1_000} s after SIGTERM; its log is ${directory.log}`,
          ),
        );
      }
      await sleep(LOOK_EVERY_MS);
    }
    rmSync(directory.host, { force: true });
    return E.right(true);
  };
