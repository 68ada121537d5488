import * as E from 'fp-ts/lib/Either.js';
import { threadKey } from '../../src/core/lease/identity.js';
import type {
  LeaseChange,
  LeaseRecord,
  LeaseStore,
  SandboxRecord,
  StoredState,
  StoreFailed,
} from '../../src/ports/lease-store.js';

/**
 * What a commit is to do: become durable, or fail without having changed anything. In the last two the
 * process dies meanwhile, before or after the change was durable: nobody hears of it.
 */
type Fate = 'Succeed' | 'Fail' | 'DieBefore' | 'DieAfter';
export type CommitFate = Fate | Promise<Fate>;

/** A lease store in memory that outlives its users, to play restarts with, and fails as told. */
export interface MemoryLeaseStore extends LeaseStore {
  /** What would be found after a crash now. */
  readonly durable: () => StoredState;
  /** Every change that became durable, in order. */
  readonly changes: readonly LeaseChange[];
  /** Decides about each commit from now on; everything succeeds at first. */
  readonly script: (fate: (change: LeaseChange) => CommitFate) => void;
  /** Commits from now on wait until the answer is called; later ones then succeed at once. */
  readonly hold: () => (fate: Fate) => void;
  /** Nothing of what is under way or comes later has any effect: the process has died. */
  readonly crash: () => void;
  /** A store with the same content, for the next life. */
  readonly reopen: () => MemoryLeaseStore;
}

const failure: StoreFailed = { type: 'StoreFailed', message: 'the disk is full (scripted)' };

const succeed = (): CommitFate => 'Succeed';

export const memoryLeaseStore = (
  initial: StoredState = { leases: [], sandboxes: [], lastEpoch: 0 },
): MemoryLeaseStore => {
  const leases = new Map<string, LeaseRecord>(
    initial.leases.map((each) => [threadKey(each), each]),
  );
  const sandboxes = new Map<string, SandboxRecord>(
    initial.sandboxes.map((each) => [each.uid, each]),
  );
  const changes: LeaseChange[] = [];
  let lastEpoch = initial.lastEpoch;
  let fateOf: (change: LeaseChange) => CommitFate = succeed;
  let dead = false;
  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();

  const durable = (): StoredState => ({
    leases: [...leases.values()],
    sandboxes: [...sandboxes.values()],
    lastEpoch,
  });
  const apply = (change: LeaseChange): void => {
    for (const lease of change.deleteLeases ?? []) leases.delete(threadKey(lease));
    for (const lease of change.putLeases ?? []) leases.set(threadKey(lease), lease);
    for (const uid of change.deleteSandboxes ?? []) sandboxes.delete(uid);
    for (const sandbox of change.putSandboxes ?? []) sandboxes.set(sandbox.uid, sandbox);
    if (change.lastEpoch !== undefined) lastEpoch = Math.max(lastEpoch, change.lastEpoch);
    changes.push(change);
  };
  const commit = async (change: LeaseChange): Promise<E.Either<StoreFailed, void>> => {
    const fate = await fateOf(change);
    if (dead || fate === 'DieBefore') return new Promise(() => undefined);
    if (fate === 'Fail' || closed) return E.left(failure);
    apply(change);
    return fate === 'DieAfter' ? new Promise(() => undefined) : E.right(undefined);
  };

  return {
    load: async () => E.right(durable()),
    commit: (change) => () => {
      const mine = turn.then(() => commit(change));
      turn = mine;
      return mine;
    },
    close: async () => {
      closed = true;
    },
    durable,
    changes,
    script: (fate) => {
      fateOf = fate;
    },
    hold: () => {
      let decide: ((fate: Fate) => void) | undefined;
      const decided = new Promise<Fate>((resolve) => {
        decide = resolve;
      });
      fateOf = () => decided;
      return (fate) => {
        fateOf = succeed;
        decide?.(fate);
      };
    },
    crash: () => {
      dead = true;
    },
    reopen: () => memoryLeaseStore(durable()),
  };
};
