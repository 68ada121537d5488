import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import { killAllScript } from './kill-script.js';
import type { OpenOne } from './open-failure.js';
import { LIST_SCRIPT, ownProcesses, parseProcessList, strangers } from './process-list.js';
import { quoteWord } from './quote.js';
import { runScript, type ScriptReply } from './run-script.js';
import type { CleanFailed, WarmSpec } from './sandbox-exec.js';
import { createShellSet, type ShellSet } from './shell-set.js';
import { openShells } from './warm-shells.js';

/** A killed process is gone within milliseconds; where one is not, the machine is busy, for a while. */
const ROUNDS = 40;
const ROUND_MS = 50;

interface CleanDeps {
  readonly open: OpenOne;
  readonly clock: Clock;
}

type Cleaned<A> = Promise<E.Either<CleanFailed, A>>;

const failed = (message: string): E.Either<CleanFailed, never> =>
  E.left({ type: 'CleanFailed', message });

/**
 * Makes a sandbox that was given back fit for the next thread: ends every process but the sandbox's own,
 * empties the working directory, and looks, with a shell that nothing of the last thread ever met,
 * whether that is so. Answers fresh shells. Any doubt is a failure.
 */
export const cleanSandbox = async (deps: CleanDeps, spec: WarmSpec): Cleaned<ShellSet> => {
  const sweeper = createShellSet(deps);
  sweeper.keep(1);
  const swept = await sweep({ shells: sweeper, clock: deps.clock }, spec);
  sweeper.close({ type: 'ExecUnavailable', message: 'the sandbox is being cleaned' });
  if (E.isLeft(swept)) return swept;
  const fresh = createShellSet(deps);
  fresh.keep(1);
  const checked = await check({ shells: fresh, clock: deps.clock }, spec);
  const opened = E.isLeft(checked) ? checked : await openFresh(fresh, spec);
  if (E.isRight(opened)) return E.right(fresh);
  fresh.close({ type: 'ExecUnavailable', message: 'the sandbox could not be cleaned' });
  return opened;
};

interface Shells {
  readonly shells: ShellSet;
  readonly clock: Clock;
}

const sweep = async (deps: Shells, spec: WarmSpec): Cleaned<void> => {
  const killed = await killEverything(deps);
  if (E.isLeft(killed)) return killed;
  const emptied = await ask(deps, { text: emptyScript(spec.workingDirectory), direct: false });
  if (E.isLeft(emptied)) return emptied;
  const { exitCode, stderr } = emptied.right;
  return exitCode === 0
    ? E.right(undefined)
    : failed(`cannot empty ${spec.workingDirectory}: ${stderr.trim().slice(0, 500)}`);
};

const killEverything = async (deps: Shells): Cleaned<void> => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const list = await look(deps);
    if (E.isLeft(list)) return list;
    const text = killAllScript([...ownProcesses(list.right)]);
    const killed = await ask(deps, { text, direct: true });
    if (E.isLeft(killed)) return killed;
    if (killed.right.stdout === '0\n') return E.right(undefined);
    await pause(deps.clock);
  }
  return failed('processes of the last thread could not be killed');
};

/** Before anything else runs on these shells. The sweeper's own shell may take a moment to go, too. */
const check = async (deps: Shells, spec: WarmSpec): Cleaned<void> => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const list = await look(deps);
    if (E.isLeft(list)) return list;
    if (strangers(list.right).length === 0) return checkEmpty(deps, spec);
    await pause(deps.clock);
  }
  return failed('processes of the last thread are left');
};

const checkEmpty = async (deps: Shells, { workingDirectory }: WarmSpec): Cleaned<void> => {
  const text = `${enter(workingDirectory)} || exit 1\n${REFUSE_ENTRIES}`;
  const looked = await ask(deps, { text, direct: false });
  if (E.isLeft(looked)) return looked;
  return looked.right.exitCode === 0
    ? E.right(undefined)
    : failed(`files of the last thread are left in ${workingDirectory}`);
};

const openFresh = async (shells: ShellSet, { residentShells }: WarmSpec): Cleaned<void> => {
  const opened = await openShells(shells, residentShells);
  if (E.isRight(opened)) return opened;
  return failed(
    opened.left.type === 'TakeCanceled' ? 'nobody waited for the shells' : opened.left.message,
  );
};

const look = async (deps: Shells) => {
  const listed = await ask(deps, { text: LIST_SCRIPT, direct: true });
  if (E.isLeft(listed)) return listed;
  const list = parseProcessList(listed.right.stdout);
  const seesItself = (pid: number): boolean =>
    list?.processes.some((process) => process.pid === pid) === true;
  // a /proc that hides processes would let everything pass
  if (list === undefined || !seesItself(1) || !seesItself(list.self)) {
    return failed('the processes of the sandbox cannot be listed');
  }
  return E.right(list);
};

const ask = async (
  deps: Shells,
  script: { readonly text: string; readonly direct: boolean },
): Cleaned<ScriptReply> => {
  const ran = await runScript(deps, script, {});
  if (E.isRight(ran)) return ran;
  return failed(ran.left.type === 'TakeCanceled' ? 'nobody waited' : ran.left.message);
};

/** Fails when the directory was replaced by a link that leads elsewhere. */
const enter = (directory: string): string => {
  const word = quoteWord(directory);
  return `[ ! -L ${word} ] && cd ${word}`;
};

const EVERYTHING = './* ./.[!.]* ./..?*';

/** Links to nowhere are entries too. */
const eachEntry = (work: string): string =>
  `for wp_f in ${EVERYTHING}; do if [ -e "$wp_f" ] || [ -L "$wp_f" ]; then ${work}; fi; done`;

const REFUSE_ENTRIES = eachEntry('exit 1');

/** One entry at a time, so that no number of them is too long for a command; a directory that its owner locked is unlocked. */
const emptyScript = (directory: string): string =>
  [
    `${enter(directory)} || { echo "it is not there, or not a directory" >&2; exit 1; }`,
    eachEntry(
      'rm -rf "$wp_f" 2>/dev/null || { chmod -R u+rwx "$wp_f"; rm -rf "$wp_f"; } || exit 1',
    ),
  ].join('\n');

const pause = (clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimer(ROUND_MS, resolve);
  });
