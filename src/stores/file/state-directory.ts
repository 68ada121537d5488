import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Random } from '../../ports/random.js';
import { lockState, type StateLocked } from './state-lock.js';

/** The state directory cannot be used; the message says why, and what to do. */
export interface StateDirectoryProblem {
  readonly type: 'StateDirectoryProblem';
  readonly message: string;
  readonly cause?: unknown;
}

/** Where an operator keeps what must outlive it. */
export interface StateDirectory {
  /** Absolute. */
  readonly path: string;
  /** Names this installation on engines that it may share with others: made once, by chance. */
  readonly installation: string;
  /** Lets others use it. Idempotent. */
  readonly close: () => Promise<void>;
}

/** 48 bits: two installations on one engine will not meet by chance, and names stay short. */
const INSTALLATION_BYTES = 6;
const INSTALLATION = /^[a-z0-9]{4,32}$/;

const problem = (message: string, cause?: unknown): StateDirectoryProblem => ({
  type: 'StateDirectoryProblem',
  message,
  ...(cause === undefined ? {} : { cause }),
});

const inUse = (path: string, { holder, file, certain }: StateLocked): StateDirectoryProblem => {
  const doubt = certain
    ? ''
    : `; if it does not run any more, as its container is gone for one, remove ${file}`;
  return problem(
    `another warmpool (pid ${holder.pid}) uses the state directory ${path}: stop it, or choose another directory with --state${doubt}`,
  );
};

/** Whole or not at all, whenever the machine stops. */
const writeDurably = (file: string, text: string): void => {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
};

const readInstallation = (
  path: string,
  random: Random,
): E.Either<StateDirectoryProblem, string> => {
  const file = join(path, 'installation');
  if (!existsSync(file)) writeDurably(file, `${random.token(INSTALLATION_BYTES)}\n`);
  const text = readFileSync(file, 'utf8').trim();
  if (INSTALLATION.test(text)) return E.right(text);
  return E.left(
    problem(
      `${file} is damaged: put its old content back, or remove it (sandboxes made so far are then not recognised any more, and have to be removed by hand)`,
    ),
  );
};

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** One by one: Node's own way of making the ones above, too, never ends where the system says ENOENT, as in /proc. */
const makeDirectory = (path: string): void => {
  if (isDirectory(path)) return;
  const above = dirname(path);
  if (above !== path) makeDirectory(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // another operator that starts may have been faster
    if (!isDirectory(path)) throw error;
  }
};

const adviceFor = (cause: unknown): string => {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'choose a directory that can be written to, with --state';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file is in the way: choose another directory with --state';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full: free some space';
    default:
      return 'choose another directory with --state';
  }
};

/**
 * Opens the state directory at `path`, making it (for this user only) where it is not there. While it is
 * open no other operator can open it.
 */
export const openStateDirectory =
  (options: {
    readonly path: string;
    readonly random: Random;
  }): TaskEither<StateDirectoryProblem, StateDirectory> =>
  async () => {
    const path = resolve(options.path);
    try {
      makeDirectory(path);
      const lock = lockState(path);
      if (E.isLeft(lock)) return E.left(inUse(path, lock.left));
      const installation = readInstallation(path, options.random);
      if (E.isLeft(installation)) {
        lock.right.release();
        return installation;
      }
      let open = true;
      return E.right({
        path,
        installation: installation.right,
        close: async () => {
          if (open) lock.right.release();
          open = false;
        },
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return E.left(
        problem(
          `the state directory ${path} cannot be used: ${reason}; ${adviceFor(cause)}`,
          cause,
        ),
      );
    }
  };
