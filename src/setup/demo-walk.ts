import Table from 'cli-table3';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type Comparison, comparisons } from './compare.js';
import type { DemoHttp, DemoResult } from './demo-http.js';
import type { EngineAddress } from './engine-http.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/** One command of the demo, and what it must print for the demo to have shown what it says. */
interface Step {
  readonly thread: string;
  readonly says: string;
  readonly command: string;
  readonly prints: string;
}

const WRITE = `python3 -c "import json; json.dump({'answer': 42}, open('notes.json', 'w')); print('saved')"`;
const READ = `python3 -c "import json; print(json.load(open('notes.json')))"`;
const LIST = `python3 -c "import os; print(os.listdir())"`;

const STEPS: readonly Step[] = [
  { thread: 'alice', says: 'writes a file', command: WRITE, prints: 'saved' },
  {
    thread: 'alice',
    says: 'reads it with its next command',
    command: READ,
    prints: "{'answer': 42}",
  },
  {
    thread: 'bob',
    says: 'has a sandbox of its own, and sees nothing of it',
    command: LIST,
    prints: '[]',
  },
];

/** Commands whose times are compared. */
const COMPARED: readonly { readonly label: string; readonly command: string }[] = [
  { label: 'true', command: 'true' },
  { label: 'python3: print(6 * 7)', command: 'python3 -c "print(6 * 7)"' },
  { label: 'python3: write notes.json', command: WRITE },
  { label: 'python3: read notes.json', command: READ },
];

/** Runs of each command each way; the middle one is shown. */
const RUNS = 3;

export interface WalkOptions {
  readonly http: DemoHttp;
  readonly engine: EngineAddress;
  readonly image: string;
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Runs the steps, shows them and holds each to its word; gives alice's last result. */
const walkSteps = async (options: WalkOptions): Promise<E.Either<SetupFailed, DemoResult>> => {
  const results = new Map<string, DemoResult>();
  for (const { thread, says, command, prints } of STEPS) {
    const result = await options.http.execute(thread, command)();
    if (E.isLeft(result)) return result;
    const { exitCode, stdout, stderr, sandbox, elapsedMs } = result.right;
    options.print(`thread ${thread} ${says}  (sandbox ${sandbox}, ${elapsedMs.toFixed(1)} ms)\n`);
    options.print(`  $ ${command}\n  ${(stdout + stderr).trimEnd()}\n\n`);
    if (exitCode !== 0 || stdout.trim() !== prints) {
      return E.left(setupFailed(`expected ${prints} and exit code 0, which was ${exitCode}`));
    }
    results.set(thread, result.right);
  }
  const [alice, bob] = [results.get('alice'), results.get('bob')];
  if (alice === undefined || alice.sandbox === bob?.sandbox) {
    return E.left(setupFailed('two threads share one sandbox'));
  }
  return E.right(alice);
};

/** Milliseconds in the middle, or the exit code of a command that did not succeed. */
type Timing = { readonly ms: number } | { readonly exitCode: number };

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const time = async (
  run: () => Promise<E.Either<SetupFailed, { readonly exitCode: number; readonly ms: number }>>,
): Promise<E.Either<SetupFailed, Timing>> => {
  const times: number[] = [];
  for (let count = 0; count < RUNS; count += 1) {
    const ran = await run();
    if (E.isLeft(ran)) return ran;
    if (ran.right.exitCode !== 0) return E.right({ exitCode: ran.right.exitCode });
    times.push(ran.right.ms);
  }
  return E.right({ ms: middle(times) });
};

const timeInSandbox = (http: DemoHttp, command: string) =>
  time(async () =>
    E.map((result: DemoResult) => ({ exitCode: result.exitCode, ms: result.elapsedMs }))(
      await http.execute('alice', command)(),
    ),
  );

const timeOtherwise = (way: Comparison, command: string) =>
  time(async () => {
    const start = performance.now();
    const ran = await way.run(['sh', '-c', command])();
    const ms = performance.now() - start;
    return E.map((exitCode: number) => ({ exitCode, ms }))(ran);
  });

/** `62.1 ms (48 x)`: how many times as long as in the sandbox. */
const shown = (timing: Timing, own: Timing): string => {
  if ('exitCode' in timing) return 'its file is gone';
  const ratio = 'ms' in own && own !== timing ? ` (${(timing.ms / own.ms).toFixed(0)} x)` : '';
  return `${timing.ms.toFixed(1)} ms${ratio}`;
};

const compare = async (
  options: WalkOptions,
  container: { readonly id: string; readonly directory: string },
): Promise<E.Either<SetupFailed, string>> => {
  const ways = comparisons({ engine: options.engine, image: options.image, container });
  const table = new Table({
    head: ['the same command', 'warmpool over HTTP', ...ways.map(({ title }) => title)],
    colAligns: ['left', 'right', ...ways.map(() => 'right' as const)],
    style: { head: [], border: [] },
  });
  for (const { label, command } of COMPARED) {
    const own = await timeInSandbox(options.http, command);
    if (E.isLeft(own)) return own;
    const cells = [label, shown(own.right, own.right)];
    for (const way of ways) {
      if (options.signal.aborted) return E.left(setupFailed('interrupted'));
      const timing = await timeOtherwise(way, command);
      if (E.isLeft(timing)) return timing;
      cells.push(shown(timing.right, own.right));
    }
    table.push(cells);
  }
  return E.right(table.toString());
};

/** The tour: two threads at work, their commands' times beside those of plain Docker, and the release. */
export const walk =
  (options: WalkOptions): TaskEither<SetupFailed, void> =>
  async () => {
    const { http, print } = options;
    const alice = await walkSteps(options);
    if (E.isLeft(alice)) return alice;
    const directory = await http.execute('alice', 'pwd')();
    if (E.isLeft(directory)) return directory;
    const id = await http.containerOf(alice.right.sandbox)();
    if (E.isLeft(id)) return id;
    const container = { id: id.right, directory: directory.right.stdout.trim() };
    const table = await compare(options, container);
    if (E.isLeft(table)) return table;
    print(`${table.right}\n\n`);
    for (const thread of ['alice', 'bob']) {
      const released = await http.release(thread)();
      if (E.isLeft(released)) return released;
      print(`thread ${thread} released\n`);
    }
    return E.right(undefined);
  };
