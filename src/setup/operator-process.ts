import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface OperatorOptions {
  /** `dist/main.js`; the one beside this file when absent. */
  readonly program?: string;
  readonly manifest: string;
  readonly stateDirectory: string;
  readonly listen: string;
  readonly dockerHost?: string;
  /** Whether its log goes to this terminal as it comes, or is kept for the case that something fails. */
  readonly showLog: boolean;
}

/** `warmpool up` as a process of its own. */
export interface OperatorProcess {
  readonly pid: number;
  /** Resolves when it has ended; with its exit code, or 1 after a signal. */
  readonly ended: Promise<number>;
  /** Asks it to end (it removes its sandboxes) and waits for that. Idempotent. */
  readonly stop: () => Promise<void>;
  /** The last of what it printed. */
  readonly log: () => string;
}

const KEPT_CHARACTERS = 8_000;

/** Longer than the operator's own grace, after which it removes what is left. */
const STOP_LIMIT_MS = 60_000;

const whenEnded = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.on('exit', (code) => resolve(code ?? 1));
    child.on('error', () => resolve(1));
  });

/** Starts `warmpool up … --cleanup`, in a process group of its own so that Ctrl-C reaches it once, through `stop`. */
export const startOperator = (options: OperatorOptions): OperatorProcess => {
  const program = options.program ?? fileURLToPath(new URL('../main.js', import.meta.url));
  const args = ['up', '-f', options.manifest, '--state', options.stateDirectory];
  const host = options.dockerHost === undefined ? [] : [`DOCKER_HOST=${options.dockerHost}`];
  const child = spawn(
    'env',
    [...host, process.execPath, program, ...args, '--listen', options.listen, '--cleanup'],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-KEPT_CHARACTERS);
      if (options.showLog) process.stderr.write(text);
    });
  }
  const ended = whenEnded(child);
  return {
    pid: child.pid ?? -1,
    ended,
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      const giveUp = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await ended;
      clearTimeout(giveUp);
    },
  };
};
