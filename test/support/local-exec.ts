import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ExecEnd, ExecOpenError, ExecStream } from '../../src/ports/sandbox-backend.js';

/** A process namespace on this machine in which `sh` is a given shell. Needs root and util-linux. */
export interface LocalSandbox {
  /** A directory of its own, the same inside and outside. */
  readonly directory: string;
  readonly openExec: (argv: readonly string[]) => TE.TaskEither<ExecOpenError, ExecStream>;
  /** Kills everything in it. */
  readonly close: () => Promise<void>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The pumps make real pipes of what would be sockets: engines give pipes, and shells see the difference.
 * They run outside of the namespace.
 */
const WITH_PIPES = 'exec "$@" > >(exec cat) 2> >(exec cat >&2)';

const endOf = async (child: ChildProcess): Promise<ExecEnd> => {
  const [code, signal] = await once(child, 'close');
  return typeof code === 'number'
    ? { type: 'Exited', exitCode: code }
    : { type: 'Lost', message: `killed by ${String(signal)}` };
};

const toStream = (child: ChildProcess): ExecStream => {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
  const ended = endOf(child);
  return {
    stdin,
    stdout,
    stderr,
    ended,
    close: () => {
      stdin.destroy();
      stdout.destroy();
      stderr.destroy();
    },
  };
};

/** PID 1 collects the orphans, as the init of a container does. */
const INIT = 'echo ready; while :; do sleep 1000; done';

export const createLocalSandbox = async (shell: string): Promise<LocalSandbox> => {
  const root = mkdtempSync(join(tmpdir(), 'warmpool-shell-'));
  const bin = join(root, 'bin');
  const directory = join(root, 'work');
  mkdirSync(bin);
  mkdirSync(directory);
  symlinkSync(shell, join(bin, 'sh'));
  const init = spawn(
    'unshare',
    ['--pid', '--fork', '--mount-proc', '--kill-child', '/bin/sh', '-c', INIT],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const gone = once(init, 'exit');
  await once(init.stdout, 'data');
  const pid = readFileSync(`/proc/${init.pid}/task/${init.pid}/children`, 'utf8').trim();
  const enter = ['nsenter', '--target', pid, '--pid', '--mount', '--wd=/'];
  return {
    directory,
    openExec: (argv) =>
      TE.fromIO(() =>
        toStream(
          spawn('bash', ['-c', WITH_PIPES, 'pumps', ...enter, ...argv], {
            stdio: 'pipe',
            detached: true,
            env: { PATH: `${bin}:${PATH}`, HOME: '/root' },
          }),
        ),
      ),
    close: async () => {
      init.kill('SIGKILL');
      await gone;
      rmSync(root, { recursive: true, force: true });
    },
  };
};
