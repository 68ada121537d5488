import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { identityOfProcess, mayRun, type ProcessIdentity } from './process-identity.js';

const Holder = t.type({
  pid: t.Int,
  startedAt: t.string,
  boot: t.string,
  namespace: t.string,
  /** It let go of the directory, though it may still run. */
  released: t.boolean,
});
type Holder = t.TypeOf<typeof Holder>;

/** A directory that is this process's alone, until released or until the process ends, however it ends. */
export interface StateLock {
  readonly release: () => void;
}

/** Another process has it. */
export interface StateLocked {
  readonly holder: ProcessIdentity;
  readonly file: string;
  /** Whether that process surely runs: one of another container may have ended unseen. */
  readonly certain: boolean;
}

const LOCK_FILE = /^lock\.(\d{1,15})$/;

const numbersIn = (directory: string): readonly number[] =>
  readdirSync(directory).flatMap((name) => {
    const number = LOCK_FILE.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });

const fileOf = (directory: string, number: number): string => join(directory, `lock.${number}`);

/** Undefined for a file that is gone or says nothing: nobody writes such, so that nobody holds it. */
const readHolder = (file: string): Holder | undefined => {
  try {
    const decoded = Holder.decode(JSON.parse(readFileSync(file, 'utf8')));
    return E.isRight(decoded) ? decoded.right : undefined;
  } catch {
    return undefined;
  }
};

const isThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Makes a lock file that has its content from the first moment; false if there is one of that number. */
const make = (directory: string, number: number, holder: ProcessIdentity): boolean => {
  const draft = join(directory, `lock-${holder.pid}-${holder.startedAt}.new`);
  writeFileSync(draft, JSON.stringify({ ...holder, released: false }), { mode: 0o600 });
  try {
    linkSync(draft, fileOf(directory, number));
    return true;
  } catch (error) {
    if (isThere(error)) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

/**
 * Takes the directory for this process. Node has no file locks of the kernel, so this goes by numbered
 * files: the one with the highest number tells who has the directory. A new one is made only beside a
 * highest one whose process has ended or let go, by a call that fails if somebody else was faster; lower
 * ones are removed only by the owner of a higher one. No file is ever taken over or overwritten by
 * another process, so that two that start at the same time cannot both succeed. Throws what the file
 * system throws.
 */
export const lockState = (directory: string): E.Either<StateLocked, StateLock> => {
  const self = identityOfProcess(process.pid);
  for (;;) {
    const highest = Math.max(0, ...numbersIn(directory));
    const file = fileOf(directory, highest);
    const holder = highest === 0 ? undefined : readHolder(file);
    if (holder !== undefined && !holder.released && mayRun(holder)) {
      return E.left({ holder, file, certain: holder.namespace === self.namespace });
    }
    const mine = highest + 1;
    if (!make(directory, mine, self)) continue;
    const others = numbersIn(directory).filter((number) => number !== mine);
    if (others.some((number) => number > mine)) {
      // what this was built on was long outdated
      rmSync(fileOf(directory, mine), { force: true });
      continue;
    }
    for (const number of others) rmSync(fileOf(directory, number), { force: true });
    // the file stays, so that the next number is higher than all before
    const released = JSON.stringify({ ...self, released: true });
    return E.right({
      release: () => {
        try {
          writeFileSync(fileOf(directory, mine), released);
        } catch {
          // the end of the process releases it as well
        }
      },
    });
  }
};
