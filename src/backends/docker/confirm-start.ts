import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Clock } from '../../ports/clock.js';
import type { Engine } from './engine.js';

const TOP_MS = 10_000;
/** Between a fork and its exec lie microseconds on an idle machine, and some time slices on a busy one. */
const LOOK_EVERY_MS = 20;
const GIVE_UP_MS = 2000;

const Top = t.type({ Titles: t.array(t.string), Processes: t.array(t.array(t.string)) });

/**
 * Whether the init process has become the parent of something else than a copy of itself. Init is in the
 * first row; its child has the same command line until it turns into the template's command.
 */
const showsCommand = (answer: unknown): boolean | undefined => {
  if (!Top.is(answer)) return undefined;
  const column = answer.Titles.findIndex((title) => title === 'CMD' || title === 'COMMAND');
  const commands = answer.Processes.map((row) => row[column]);
  return column === -1 ? undefined : commands.some((command) => command !== commands[0]);
};

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimer(ms, resolve));

/**
 * Waits until the command of a started container runs, or the container has ended. The engine reports a
 * start as soon as the init process runs, and only init learns that the command does not exist. An engine
 * that cannot list processes is taken at its word.
 */
export const confirmStart = async (engine: Engine, clock: Clock, id: string): Promise<void> => {
  const until = clock.monotonic() + GIVE_UP_MS;
  while (clock.monotonic() < until) {
    const top = await engine.call(TOP_MS, (docker, abortSignal) => {
      const how = { abortSignal };
      return docker.getContainer(id).top(how);
    })();
    if (E.isLeft(top) || showsCommand(top.right) !== false) return;
    await pause(clock, LOOK_EVERY_MS);
  }
};
