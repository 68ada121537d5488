import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { threadKey } from '../../core/lease/identity.js';
import type {
  LeaseChange,
  LeaseIdentity,
  LeaseRecord,
  LeaseStore,
  SandboxRecord,
  StoredState,
  StoreFailed,
} from '../../ports/lease-store.js';
import type { Logger } from '../../ports/logger.js';
import { decodeLease, decodeNumber, decodeSandbox } from './lease-codecs.js';
import { FORMAT, FORMAT_KEY, type LeaseDatabase, openLeaseDatabase } from './lease-database.js';
import { storeDamaged, storeFailed } from './lease-store-problem.js';

const EPOCH_KEY = 'lastEpoch';
const LEASE_PREFIX = 'lease/';
const SANDBOX_PREFIX = 'sandbox/';

/** Hashed, as LMDB bounds the length of keys, and threads may have names of any characters. */
const leaseKey = (lease: LeaseIdentity): string =>
  LEASE_PREFIX + createHash('sha256').update(threadKey(lease)).digest('hex');

const sandboxKey = (uid: string): string => SANDBOX_PREFIX + uid;

interface Waiting {
  readonly change: LeaseChange;
  readonly done: (result: E.Either<StoreFailed, void>) => void;
}

/** To be called within a transaction. */
const apply = (database: LeaseDatabase, change: LeaseChange): void => {
  const put = (key: string, value: unknown): void => void database.put(key, JSON.stringify(value));
  for (const lease of change.deleteLeases ?? []) void database.remove(leaseKey(lease));
  for (const lease of change.putLeases ?? []) put(leaseKey(lease), lease);
  for (const uid of change.deleteSandboxes ?? []) void database.remove(sandboxKey(uid));
  for (const sandbox of change.putSandboxes ?? []) put(sandboxKey(sandbox.uid), sandbox);
  if (change.lastEpoch !== undefined) {
    const before = decodeNumber(database.get(EPOCH_KEY) ?? '0') ?? 0;
    put(EPOCH_KEY, Math.max(before, change.lastEpoch));
  }
};

/** Everything that is stored; throws nothing, and says which entry is not what it should be. */
const readAll = (database: LeaseDatabase): StoredState | { readonly damaged: string } => {
  const leases: LeaseRecord[] = [];
  const sandboxes: SandboxRecord[] = [];
  let lastEpoch = 0;
  let format: string | undefined;
  for (const { key, value } of database.getRange()) {
    if (key === FORMAT_KEY) format = value;
    else if (key === EPOCH_KEY) {
      const epoch = decodeNumber(value);
      if (epoch === undefined) return { damaged: key };
      lastEpoch = epoch;
    } else if (key.startsWith(LEASE_PREFIX)) {
      const lease = decodeLease(value);
      if (lease === undefined || leaseKey(lease) !== key) return { damaged: key };
      leases.push(lease);
    } else if (key.startsWith(SANDBOX_PREFIX)) {
      const sandbox = decodeSandbox(value);
      if (sandbox === undefined || sandboxKey(sandbox.uid) !== key) return { damaged: key };
      sandboxes.push(sandbox);
    } else return { damaged: key };
  }
  return format === FORMAT ? { leases, sandboxes, lastEpoch } : { damaged: FORMAT_KEY };
};

const storeOver = (database: LeaseDatabase, path: string, logger: Logger): LeaseStore => {
  let waiting: Waiting[] = [];
  let closed = false;

  const write = (changes: readonly LeaseChange[]): E.Either<StoreFailed, void> => {
    if (closed) return E.left(storeFailed(path, 'writing to the lease store', 'it is closed'));
    try {
      // returns once the transaction is on disk; throws if it is not, and then none of it is
      database.transactionSync(() => {
        for (const change of changes) apply(database, change);
      });
      return E.right(undefined);
    } catch (cause) {
      return E.left(storeFailed(path, 'writing to the lease store', cause));
    }
  };

  /** All changes of one turn of the event loop share a transaction, and so the wait for the disk. */
  const writeWaiting = (): void => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const together = write(batch.map(({ change }) => change));
    if (E.isRight(together) || batch.length === 1) {
      for (const { done } of batch) done(together);
      return;
    }
    // one that cannot be written must not take the others with it
    for (const { change, done } of batch) done(write([change]));
  };

  return {
    load: async () => {
      try {
        const state = readAll(database);
        if (!('damaged' in state)) return E.right(state);
        return E.left(storeDamaged(path, `its entry ${state.damaged} is not what warmpool writes`));
      } catch (cause) {
        return E.left(storeFailed(path, 'reading the lease store', cause));
      }
    },
    commit: (change) => () =>
      new Promise((done) => {
        if (waiting.length === 0) setImmediate(writeWaiting);
        waiting.push({ change, done });
      }),
    close: async () => {
      if (closed) return;
      if (waiting.length > 0) writeWaiting();
      closed = true;
      await database.close();
      logger.debug({ path }, 'lease store closed');
    },
  };
};

/**
 * The leases of one machine, in the file `leases.mdb` of the state directory (LMDB). The directory must
 * be this process's alone.
 */
export const openLeaseStore =
  (options: {
    readonly directory: string;
    readonly logger: Logger;
  }): TaskEither<StoreFailed, LeaseStore> =>
  async () => {
    const path = join(options.directory, 'leases.mdb');
    const database = await openLeaseDatabase(path);
    return E.isLeft(database) ? database : E.right(storeOver(database.right, path, options.logger));
  };
