import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { open, type RootDatabase } from 'lmdb';
import type { StoreFailed } from '../../ports/lease-store.js';
import { leaseFileProblem } from './lease-file-check.js';
import { storeDamaged, storeFailed } from './lease-store-problem.js';

export type LeaseDatabase = RootDatabase<string, string>;

/** What the values look like; another number means another version of warmpool wrote them. */
export const FORMAT = '1';
export const FORMAT_KEY = 'format';

/** Address space only, not disk or memory; grows by itself beyond that. */
const MAP_BYTES = 256 * 1024 * 1024;

const openFile = (path: string): LeaseDatabase =>
  open<string, string>({
    path,
    noSubdir: true,
    encoding: 'string',
    mapSize: MAP_BYTES,
    // fixed, so that a store can move to a machine with larger pages
    pageSize: 4096,
    maxReaders: 16,
    // a transaction is over when it is on disk, not when others can see it
    overlappingSync: false,
  });

/** Makes a rename last: names live in the directory, which has to be written, too. */
const syncDirectory = (path: string): void => {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
};

/**
 * Makes an empty store under another name first: a file of the real name is a complete store or a
 * damaged one, never one that somebody was about to make.
 */
const createFile = async (path: string): Promise<void> => {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  rmSync(`${draft}-lock`, { force: true });
  const database = openFile(draft);
  database.transactionSync(() => {
    void database.put(FORMAT_KEY, FORMAT);
  });
  await database.close();
  renameSync(draft, path);
  rmSync(`${draft}-lock`, { force: true });
  syncDirectory(dirname(path));
};

/** Opens the store's file, or makes one where there is none. A damaged file is refused, never replaced. */
export const openLeaseDatabase = async (
  path: string,
): Promise<E.Either<StoreFailed, LeaseDatabase>> => {
  try {
    if (!existsSync(path)) await createFile(path);
    const problem = leaseFileProblem(readFileSync(path));
    if (problem !== undefined) return E.left(storeDamaged(path, problem));
    return E.right(openFile(path));
  } catch (cause) {
    return E.left(storeFailed(path, 'opening the lease store', cause));
  }
};
