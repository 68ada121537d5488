import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { constants as osConstants, tmpdir } from 'node:os';
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

/** As long as Docker keeps the streams of a process that is over while a child of it holds them. */
const HELD_STREAM_MS = 2000;

const WAKE_MS = 50;

/** Both ends of a real pipe: what Node gives a child is a socket, engines give pipes, and shells see the difference. */
const createPipe = (path: string): { readonly output: Socket; readonly writeEnd: number } => {
  execFileSync('mkfifo', [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  rmSync(path);
  return { output: new Socket({ fd: readEnd, readable: true, writable: false }), writeEnd };
};

const endOf = async (child: ChildProcess, outputs: readonly Socket[]): Promise<ExecEnd> => {
  const ends = Promise.all(outputs.map((output) => once(output, 'close')));
  // nsenter stops itself together with its child, and nobody else would wake it up again
  const wake = setInterval(() => child.kill('SIGCONT'), WAKE_MS);
  const exited = await new Promise<ExecEnd>((resolve) => {
    child.once('error', (error) => resolve({ type: 'Lost', message: error.message }));
    child.once('exit', (code, signal) => {
      const exitCode = code ?? 128 + (signal === null ? 0 : osConstants.signals[signal]);
      resolve({ type: 'Exited', exitCode });
    });
  });
  clearInterval(wake);
  const cut = setTimeout(() => {
    for (const output of outputs) output.destroy();
  }, HELD_STREAM_MS);
  await ends;
  clearTimeout(cut);
  return exited;
};

const start = (
  root: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): ExecStream => {
  const name = join(root, randomUUID());
  const out = createPipe(`${name}.out`);
  const err = createPipe(`${name}.err`);
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    stdio: ['pipe', out.writeEnd, err.writeEnd],
    detached: true,
    env: { ...env },
  });
  closeSync(out.writeEnd);
  closeSync(err.writeEnd);
  const { stdin } = child;
  if (stdin === null) throw new Error('no pipe');
  const ended = endOf(child, [out.output, err.output]);
  return {
    stdin,
    stdout: out.output,
    stderr: err.output,
    ended,
    close: () => {
      stdin.destroy();
      out.output.destroy();
      err.output.destroy();
    },
  };
};

/** PID 1 collects the orphans, as the init of a container does. */
const INIT = 'echo ready; while :; do sleep 1000; done';
/** Uncovers the /proc of the machine, which numbers processes differently. */
const FOREIGN_PROC = 'umount /proc;';

export const createLocalSandbox = async (
  shell: string,
  options: { readonly foreignProc?: boolean } = {},
): Promise<LocalSandbox> => {
  const root = mkdtempSync(join(tmpdir(), 'warmpool-shell-'));
  const bin = join(root, 'bin');
  const directory = join(root, 'work');
  mkdirSync(bin);
  mkdirSync(directory);
  symlinkSync(shell, join(bin, 'sh'));
  const init = spawn(
    'unshare',
    [
      '--pid',
      '--fork',
      '--mount-proc',
      '--kill-child',
      '/bin/sh',
      '-c',
      options.foreignProc === true ? FOREIGN_PROC + INIT : INIT,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const gone = once(init, 'exit');
  await once(init.stdout, 'data');
  const pid = readFileSync(`/proc/${init.pid}/task/${init.pid}/children`, 'utf8').trim();
  const enter = ['nsenter', '--target', pid, '--pid', '--mount', '--wd=/'];
  return {
    directory,
    openExec: (argv) =>
      TE.fromIO(() => start(root, [...enter, ...argv], { PATH: `${bin}:${PATH}`, HOME: '/root' })),
    close: async () => {
      init.kill('SIGKILL');
      await gone;
      rmSync(root, { recursive: true, force: true });
    },
  };
};
