import { afterAll, beforeAll } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { OutputSink } from '../../src/exec/command.js';
import { newMarker } from '../../src/exec/command-marker.js';
import { openShell } from '../../src/exec/open-shell.js';
import type { ResidentShell, ShellReply, ShellRequest } from '../../src/exec/shell.js';
import { SHELL_ARGV } from '../../src/exec/shell-loop.js';
import { type CommandFields, commandScript } from '../../src/exec/wrap-command.js';
import type { ExecOpenError, ExecStream } from '../../src/ports/sandbox-backend.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { deferred } from '../support/deferred.js';

/** Somewhere to open shells, with a process namespace of its own. */
export interface ShellWorld {
  readonly openExec: (argv: readonly string[]) => TaskEither<ExecOpenError, ExecStream>;
  /** Absolute, writable, there already. */
  readonly directory: string;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly reply: ShellReply;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one request and collects its output as text. */
export const collect = async (
  start: (sink: OutputSink) => Promise<ShellReply>,
  onOutput: (text: string) => void = () => undefined,
): Promise<Answer> => {
  const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const reply = await start((name, bytes) => {
    chunks[name].push(Buffer.from(bytes));
    onOutput(bytes.toString());
  });
  return {
    reply,
    stdout: Buffer.concat(chunks.stdout).toString(),
    stderr: Buffer.concat(chunks.stderr).toString(),
  };
};

export const done = (exitCode: number, dirty = false): ShellReply => ({
  type: 'Done',
  exitCode,
  dirty,
});

/** Kills found in rounds until nothing is left; how many rounds it took, or -1 if there is no end of it. */
export const killUntilGone = async (shell: ResidentShell, script: string): Promise<number> => {
  for (let round = 1; round <= 60; round += 1) {
    const { stdout } = await collect((sink) => shell.run({ script, sink, direct: true }));
    if (stdout === '0\n') return round;
    // the dead need a moment until they are collected
    await new Promise((resolve) => systemClock.setTimer(20, () => resolve(undefined)));
  }
  return -1;
};

/** What to run: a script, or a command of a thread. */
type Runnable = string | Omit<ShellRequest, 'sink' | 'direct'>;

/** What the clauses work with; all functions, as the world comes up only when the tests run. */
export interface ShellHarness {
  readonly directory: () => string;
  /** Processes that the world itself runs beside PID 1. */
  readonly own: () => readonly number[];
  readonly openExec: ShellWorld['openExec'];
  /** A shell of one's own. */
  readonly open: () => Promise<ResidentShell>;
  /** The shell that most clauses share, which also shows that nothing leaks from one to the next. */
  readonly shared: () => Promise<ResidentShell>;
  /** All that a clause must not kill. */
  readonly keepPids: () => readonly number[];
  readonly runIn: (shell: ResidentShell, what: Runnable) => Promise<Answer>;
  readonly run: (what: Runnable) => Promise<Answer>;
  readonly wrap: (
    fields: Partial<CommandFields & { readonly threadDirectory: string }>,
    marker?: string,
  ) => Omit<ShellRequest, 'sink' | 'direct'>;
  /** A command under way in a shell; `ready` resolves when it has printed that. */
  readonly launch: (
    shell: ResidentShell,
    what: Runnable,
  ) => { readonly ready: Promise<void>; readonly answer: Promise<Answer> };
}

const LIST = 'for p in /proc/[0-9]*; do [ ! -e $p/cwd ] || echo ${p#/proc/}; done';

const request = (what: Runnable) => (typeof what === 'string' ? { script: what } : what);

const runIn: ShellHarness['runIn'] = (shell, what) =>
  collect((sink) => shell.run({ ...request(what), sink }));

/** Brings the world up and down around the tests of a describe block. */
export const shellHarness = (createWorld: () => Promise<ShellWorld>): ShellHarness => {
  let world: ShellWorld | undefined;
  let current: ResidentShell | undefined;
  let own: readonly number[] = [];
  const shells: ResidentShell[] = [];

  const theWorld = (): ShellWorld => {
    if (world === undefined) throw new Error('the world is not up');
    return world;
  };
  const open = async (): Promise<ResidentShell> => {
    const opened = await openShell({
      open: theWorld().openExec(SHELL_ARGV),
      random: systemRandom,
      clock: systemClock,
    })();
    if (E.isLeft(opened)) throw new Error(opened.left.message);
    shells.push(opened.right);
    return opened.right;
  };
  const shared = async (): Promise<ResidentShell> => {
    if (current === undefined || !current.alive) current = await open();
    return current;
  };
  beforeAll(async () => {
    world = await createWorld();
    const shell = await shared();
    const { stdout } = await collect((sink) => shell.run({ script: LIST, sink, direct: true }));
    const pids = stdout.trim().split('\n').map(Number);
    own = pids.filter((pid) => pid !== 1 && pid !== shell.pid);
  }, 120_000);
  afterAll(async () => {
    for (const shell of shells) shell.close();
    await world?.close();
  });

  return {
    directory: () => theWorld().directory,
    own: () => own,
    openExec: (argv) => theWorld().openExec(argv),
    open,
    shared,
    keepPids: () => [...own, ...shells.filter((shell) => shell.alive).map((shell) => shell.pid)],
    runIn,
    run: async (what) => runIn(await shared(), what),
    wrap: ({ threadDirectory, ...fields }, marker = newMarker(systemRandom)) => ({
      script: commandScript({ command: 'true', ...fields }),
      place: { directory: threadDirectory ?? `${theWorld().directory}/thread`, marker },
    }),
    launch: (shell, what) => {
      let heard = '';
      const ready = deferred<void>();
      const answer = collect(
        (sink) => shell.run({ ...request(what), sink }),
        (text) => {
          heard += text;
          if (heard.includes('ready')) ready.resolve();
        },
      );
      return { ready: ready.promise, answer };
    },
  };
};
