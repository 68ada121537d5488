import { constants } from 'node:os';

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    // 'SIGIOT' is an older name of 'SIGABRT', 'SIGPOLL' of 'SIGIO': the first name of a number stays
    .toReversed()
    .map(([name, number]) => [number, name]),
);

/** A shell reports a command that signal n ended as 128 + n: the name of that signal, if there is one. */
export const signalName = (exitCode: number): string | undefined =>
  exitCode > 128 ? NAMES.get(exitCode - 128) : undefined;
