import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { PassThrough, Writable } from 'node:stream';
import * as E from 'fp-ts/lib/Either.js';
import type {
  ExecEnd,
  ExecOpenError,
  ExecSpec,
  ExecStream,
} from '../../src/ports/sandbox-backend.js';

/** Runs real local processes in the name of sandboxes that exist only in memory. */
export interface FakeExec {
  readonly open: (uid: string, spec: ExecSpec) => E.Either<ExecOpenError, ExecStream>;
  /** The sandbox is gone: its processes are killed, its streams end as lost. */
  readonly end: (uid: string) => void;
  readonly endAll: () => void;
}

/** As long as Docker keeps the streams of a process that is over while a child of it holds them. */
const HELD_STREAM_MS = 2000;

/**
 * Where the machine allows it (root, Linux) each sandbox has a process namespace and a /tmp of its own,
 * so that a script which kills "everything in the sandbox" does not kill the machine.
 */
const canIsolate = ((): (() => boolean) => {
  let known: boolean | undefined;
  return () => {
    known ??=
      spawnSync('unshare', ['--pid', '--mount', '--fork', '--mount-proc', 'true']).status === 0;
    return known;
  };
})();

/** The process that is number 1 of a sandbox's own namespace. */
interface Room {
  readonly process: ChildProcess;
  /** As the host numbers it. */
  readonly pid: string;
}

const buildRoom = (): Room => {
  const room = spawn(
    'unshare',
    [
      '--pid',
      '--mount',
      '--fork',
      '--kill-child',
      '--mount-proc',
      'sh',
      '-c',
      'mount -t tmpfs tmpfs /tmp; mkdir /tmp/.room-is-ready; while :; do sleep 1; done',
    ],
    { stdio: 'ignore' },
  );
  room.unref();
  const children = (): string => {
    try {
      return readFileSync(`/proc/${room.pid}/task/${room.pid}/children`, 'utf8').trim();
    } catch {
      return '';
    }
  };
  let pid = children();
  // some milliseconds, once per sandbox: not worth an asynchronous interface
  for (let tries = 0; tries < 2000; tries += 1) {
    const enter = ['--target', pid, '--mount', 'test', '-d', '/tmp/.room-is-ready'];
    if (pid !== '' && spawnSync('nsenter', enter).status === 0) break;
    pid = children();
  }
  return { process: room, pid };
};

const start = (room: Room | undefined, uid: string, spec: ExecSpec): ChildProcess => {
  const inDirectory =
    spec.cwd === undefined
      ? spec.argv
      : ['sh', '-c', 'cd "$0" && exec "$@"', spec.cwd, ...spec.argv];
  const argv =
    room === undefined
      ? inDirectory
      : ['nsenter', '--target', room.pid, '--pid', '--mount', '--wd=/', ...inDirectory];
  const [user, group] = (spec.user ?? '').split(':');
  return spawn(argv[0] ?? 'false', argv.slice(1), {
    stdio: [spec.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      WARMPOOL_FAKE_SANDBOX: uid,
      ...spec.env,
    },
    ...(user === undefined || user === '' ? {} : { uid: Number(user), gid: Number(group ?? user) }),
  });
};

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** `lost` gives the message if the sandbox went away under the process. */
const toStream = (child: ChildProcess, lost: () => string | undefined): ExecStream => {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  child.stdout?.pipe(stdout);
  child.stderr?.pipe(stderr);
  const stdin = child.stdin ?? nowhere();
  // a process that does not read to the end breaks the pipe: no news
  stdin.on('error', () => undefined);
  const cut = (): void => {
    child.stdout?.unpipe(stdout);
    child.stderr?.unpipe(stderr);
    child.stdout?.destroy();
    child.stderr?.destroy();
    stdout.end();
    stderr.end();
  };
  const both = Promise.all(
    [stdout, stderr].map((stream) => new Promise<void>((done) => stream.once('end', () => done()))),
  );
  const letGo = new AbortController();
  const closed = new Promise<ExecEnd>((resolve) => {
    letGo.signal.addEventListener('abort', () =>
      resolve({ type: 'Lost', message: 'the stream was closed' }),
    );
  });
  const exited = new Promise<ExecEnd>((resolve) => {
    child.once('error', (error) => {
      stderr.write(`${error.message}\n`);
      cut();
      resolve({ type: 'Exited', exitCode: 127 });
    });
    child.once('exit', (code, signal) => {
      setTimeout(cut, HELD_STREAM_MS).unref();
      const message = lost();
      if (message !== undefined) resolve({ type: 'Lost', message });
      else
        resolve({
          type: 'Exited',
          exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
        });
    });
  });
  const over = both.then(() => exited);
  return {
    stdin,
    stdout,
    stderr,
    ended: Promise.race([over, closed]),
    close: () => {
      stdin.end();
      cut();
      stdout.resume();
      stderr.resume();
      // after the streams' own ends, as the port promises
      void both.then(() => letGo.abort());
    },
  };
};

/** A process group that is gone already is no error. */
const killGroup = (pid: number | undefined): void => {
  if (pid === undefined || pid <= 1) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // gone
  }
};

export const createFakeExec = (): FakeExec => {
  const rooms = new Map<string, Room>();
  const children = new Map<string, Set<ChildProcess>>();
  const ended = new Set<string>();
  const end = (uid: string): void => {
    ended.add(uid);
    rooms.get(uid)?.process.kill('SIGKILL');
    rooms.delete(uid);
    for (const child of children.get(uid) ?? []) killGroup(child.pid);
    children.delete(uid);
  };
  return {
    open: (uid, spec) => {
      if (spec.tty !== undefined) {
        return E.left({ type: 'BackendRefused', message: 'the fake backend has no terminals' });
      }
      if (canIsolate() && !rooms.has(uid)) rooms.set(uid, buildRoom());
      const child = start(rooms.get(uid), uid, spec);
      const group = children.get(uid) ?? new Set();
      children.set(uid, group.add(child));
      child.once('exit', () => group.delete(child));
      return E.right(
        toStream(child, () => (ended.has(uid) ? `sandbox ${uid} is gone` : undefined)),
      );
    },
    end,
    endAll: () => {
      for (const uid of new Set([...rooms.keys(), ...children.keys()])) end(uid);
    },
  };
};
