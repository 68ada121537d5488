import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { LeaseStore, StoredState, StoreFailed } from '../../ports/lease-store.js';
import type { Logger } from '../../ports/logger.js';
import type { Random } from '../../ports/random.js';
import { openLeaseStore } from './lease-store.js';
import { openStateDirectory, type StateDirectoryProblem } from './state-directory.js';

/** What an operator keeps from one run to the next, open for this one. */
export interface LocalState {
  /** Names this installation on engines that it may share with others. */
  readonly installation: string;
  readonly leases: LeaseStore;
  /** What the last run left. */
  readonly stored: StoredState;
  /** Lets others use the directory. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Opens the state directory and the lease store in it, for this process alone. */
export const openLocalState =
  (options: {
    readonly path: string;
    readonly random: Random;
    readonly logger: Logger;
  }): TaskEither<StateDirectoryProblem | StoreFailed, LocalState> =>
  async () => {
    const opened = await openStateDirectory(options)();
    if (E.isLeft(opened)) return opened;
    const directory = opened.right;
    const leases = await openLeaseStore({ directory: directory.path, logger: options.logger })();
    if (E.isLeft(leases)) {
      await directory.close();
      return leases;
    }
    const close = async (): Promise<void> => {
      await leases.right.close();
      await directory.close();
    };
    const stored = await leases.right.load();
    if (E.isLeft(stored)) {
      await close();
      return stored;
    }
    const { installation } = directory;
    return E.right({ installation, leases: leases.right, stored: stored.right, close });
  };
