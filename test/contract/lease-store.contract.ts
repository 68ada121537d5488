import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type {
  LeaseChange,
  LeaseRecord,
  LeaseStore,
  StoredState,
} from '../../src/ports/lease-store.js';

/** A store that can be opened again and again over the same content. */
export interface LeaseStoreUnderTest {
  readonly open: () => Promise<LeaseStore>;
  readonly dispose: () => Promise<void>;
}

const lease = (thread: string, changes: Partial<LeaseRecord> = {}): LeaseRecord => ({
  pool: { namespace: 'default', name: 'box' },
  tenant: 'default',
  thread,
  sandbox: { uid: `uid of ${thread}`, name: `box-${thread.length}` },
  epoch: 1,
  acquiredAt: 1_700_000_000_000,
  expiresAt: 1_700_000_360_000,
  lastActiveAt: 1_700_000_000_001,
  labels: {},
  ...changes,
});

const EMPTY: StoredState = { leases: [], sandboxes: [], lastEpoch: 0 };

/** By thread, as the order does not matter. */
const sorted = (state: StoredState): StoredState => ({
  ...state,
  leases: state.leases.toSorted((a, b) => (a.thread < b.thread ? -1 : 1)),
  sandboxes: state.sandboxes.toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
});

/** What every lease store does. */
export const leaseStoreContract = (
  name: string,
  make: () => Promise<LeaseStoreUnderTest>,
): void => {
  describe(`the lease store ${name}`, () => {
    let under: LeaseStoreUnderTest;
    let store: LeaseStore;
    beforeEach(async () => {
      under = await make();
      store = await under.open();
    });
    afterEach(async () => {
      await store.close();
      await under.dispose();
    });

    const commit = async (...changes: readonly LeaseChange[]): Promise<void> => {
      for (const result of await Promise.all(changes.map((change) => store.commit(change)()))) {
        expect(result).toEqual(E.right(undefined));
      }
    };
    const loaded = async (): Promise<StoredState> => {
      const state = await store.load();
      if (E.isLeft(state)) throw new Error(state.left.message);
      return sorted(state.right);
    };
    const reopen = async (): Promise<void> => {
      await store.close();
      store = await under.open();
    };

    it('is empty at first', async () => {
      expect(await loaded()).toEqual(EMPTY);
      await reopen();
      expect(await loaded()).toEqual(EMPTY);
    });

    it('remembers all that was committed', async () => {
      const labels = { a: '1', 'b/c': '' };
      await commit({
        putLeases: [lease('1', { labels }), lease('2', { epoch: 2 })],
        putSandboxes: [{ uid: 'x', leases: 3 }],
        lastEpoch: 2,
      });
      const expected = {
        leases: [lease('1', { labels }), lease('2', { epoch: 2 })],
        sandboxes: [{ uid: 'x', leases: 3 }],
        lastEpoch: 2,
      };
      expect(await loaded()).toEqual(expected);
      await reopen();
      expect(await loaded()).toEqual(expected);
    });

    it('holds one lease for each thread, the last one that was put', async () => {
      await commit(
        { putLeases: [lease('t', { epoch: 1 })] },
        { putLeases: [lease('t', { epoch: 2 })] },
      );
      expect((await loaded()).leases).toEqual([lease('t', { epoch: 2 })]);
    });

    it('applies changes in the order of the calls', async () => {
      const { pool, tenant, thread } = lease('t');
      await commit(
        { putLeases: [lease('t')] },
        { deleteLeases: [{ pool, tenant, thread }] },
        { putLeases: [lease('t', { epoch: 3 })] },
        { putSandboxes: [{ uid: 'x', leases: 1 }] },
        { deleteSandboxes: ['x'] },
      );
      expect(await loaded()).toEqual({ ...EMPTY, leases: [lease('t', { epoch: 3 })] });
    });

    it('puts after it deletes, within one change', async () => {
      await commit({ putLeases: [lease('t')], putSandboxes: [{ uid: 'x', leases: 1 }] });
      await commit({
        deleteLeases: [lease('t')],
        putLeases: [lease('t', { epoch: 2 })],
        deleteSandboxes: ['x'],
        putSandboxes: [{ uid: 'x', leases: 2 }],
      });
      expect(await loaded()).toMatchObject({
        leases: [{ epoch: 2 }],
        sandboxes: [{ uid: 'x', leases: 2 }],
      });
    });

    it('deletes what is not there without complaint', async () => {
      await commit({ deleteLeases: [lease('never')], deleteSandboxes: ['never'] }, {});
      expect(await loaded()).toEqual(EMPTY);
    });

    it('never forgets a higher epoch', async () => {
      await commit({ lastEpoch: 7 }, { lastEpoch: 5 });
      expect((await loaded()).lastEpoch).toBe(7);
    });

    it('keeps threads of any name apart', async () => {
      const names = [
        'a',
        'A',
        'a/b',
        'a\0b',
        '\ud800',
        '\udfff',
        'é',
        'e\u0301',
        '..',
        '"',
        '\\',
        '',
      ];
      const long = ['x'.repeat(256), '\u0001'.repeat(256), '\u{1f600}'.repeat(64)];
      const leases = [...names, ...long].map((thread, epoch) => lease(thread, { epoch }));
      await commit({ putLeases: leases }, { putLeases: [lease('a', { tenant: 'b', epoch: 99 })] });
      await reopen();
      const found = (await loaded()).leases;
      expect(found).toHaveLength(leases.length + 1);
      for (const each of leases) expect(found).toContainEqual(each);
    });

    it('takes many changes at the same time', async () => {
      await commit(
        ...Array.from({ length: 500 }, (_, n) => ({
          putLeases: [lease(`t${n}`, { epoch: n })],
          lastEpoch: n,
        })),
      );
      await reopen();
      const { leases, lastEpoch } = await loaded();
      expect(leases).toHaveLength(500);
      expect(lastEpoch).toBe(499);
    });

    it('refuses changes once it is closed', async () => {
      await store.close();
      await store.close();
      expect(await store.commit({ lastEpoch: 1 })()).toMatchObject({
        left: { type: 'StoreFailed' },
      });
    });
  });
};
