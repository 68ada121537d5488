import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the project's own engine keeps everything. */
export interface EngineDirectory {
  readonly root: string;
  /** Images and containers. */
  readonly data: string;
  /** What belongs to running containers. */
  readonly exec: string;
  readonly pid: string;
  readonly log: string;
  /** Holds the DOCKER_HOST of the engine that was started. */
  readonly host: string;
  readonly lock: string;
  /** Listened on when the usual socket is another's. */
  readonly socket: string;
  /** The engine's configuration: empty, so that a daemon.json of the machine's own does not get in the way. */
  readonly configuration: string;
}

export const DEFAULT_ENGINE_DIRECTORY = '/var/lib/warmpool-engine';

export const engineDirectory = (root = DEFAULT_ENGINE_DIRECTORY): EngineDirectory => ({
  root,
  data: join(root, 'data'),
  exec: join(root, 'exec'),
  pid: join(root, 'dockerd.pid'),
  log: join(root, 'dockerd.log'),
  host: join(root, 'host'),
  lock: join(root, 'lock'),
  socket: join(root, 'docker.sock'),
  configuration: join(root, 'daemon.json'),
});

/** A small file's text without the white space around it; undefined when it is not there. */
export const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

/**
 * The process id of the project's own engine, if that runs. The pid file alone proves nothing, as
 * numbers are used again: the process must be a dockerd with our data directory on its command line.
 */
export const ownEnginePid = (directory: EngineDirectory, proc = '/proc'): number | undefined => {
  const pid = Number(readText(directory.pid));
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const argv = readText(join(proc, String(pid), 'cmdline'))?.split('\0') ?? [];
  const isDockerd = argv[0]?.split('/').at(-1) === 'dockerd';
  return isDockerd && argv.includes(directory.data) ? pid : undefined;
};
