import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { LeaseRecord, LeaseStore } from '../../../../src/ports/lease-store.js';
import { openLeaseDatabase } from '../../../../src/stores/file/lease-database.js';
import { openLeaseStore } from '../../../../src/stores/file/lease-store.js';
import { silentLogger } from '../../../support/silent-logger.js';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warmpool-leases-'));
  file = join(directory, 'leases.mdb');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const open = (path = directory) => openLeaseStore({ directory: path, logger: silentLogger })();
const opened = async (path = directory): Promise<LeaseStore> => {
  const store = await open(path);
  if (E.isLeft(store)) throw new Error(store.left.message);
  return store.right;
};

const lease = (thread: string, label = ''): LeaseRecord => ({
  pool: { namespace: 'default', name: 'box' },
  tenant: 'default',
  thread,
  sandbox: { uid: `uid-${thread}`, name: 'box-1' },
  epoch: 1,
  acquiredAt: 1,
  expiresAt: 2,
  lastActiveAt: 3,
  labels: { label },
});

/** A store with some hundred leases, some of them too large for one page; closed again. */
const fill = async (): Promise<void> => {
  const store = await opened();
  for (let n = 0; n < 20; n += 1) {
    const putLeases = Array.from({ length: 20 }, (_, m) => lease(`${n}-${m}`, 'x'.repeat(m * 300)));
    expect(await store.commit({ putLeases, lastEpoch: n })()).toEqual(E.right(undefined));
  }
  const deleteLeases = Array.from({ length: 20 }, (_, n) => lease(`${n}-7`));
  expect(await store.commit({ deleteLeases })()).toEqual(E.right(undefined));
  await store.close();
};

const expectRefused = async (): Promise<void> => {
  expect(await open()).toMatchObject({
    left: { type: 'StoreFailed', message: expect.stringContaining('the file is damaged') },
  });
};

describe('the lease store in a file', () => {
  it('has on disk what it has confirmed, though it was never closed', async () => {
    const store = await opened();
    await store.commit({ putLeases: [lease('t')], lastEpoch: 4 })();
    const copy = join(directory, 'copy');
    mkdirSync(copy);
    copyFileSync(file, join(copy, 'leases.mdb'));
    await store.close();
    const after = await opened(copy);
    expect(await after.load()).toEqual(
      E.right({ leases: [lease('t')], sandboxes: [], lastEpoch: 4 }),
    );
    await after.close();
  });

  it('makes a new file of nothing but a missing one', async () => {
    writeFileSync(file, '');
    await expectRefused();
    expect(statSync(file).size).toBe(0);
  });

  it('is not confused by what a start left behind that was cut short', async () => {
    writeFileSync(`${file}.new`, 'half a file');
    await (await opened()).close();
  });

  it.each(['garbage', '{"json":true}', 'x'.repeat(100_000), '\0'.repeat(100_000)])(
    'refuses a file that is none of its own, and leaves it as it is',
    async (content) => {
      writeFileSync(file, content);
      await expectRefused();
      expect(readFileSync(file, 'latin1')).toBe(content);
    },
  );

  it('refuses a file that was cut short', async () => {
    await fill();
    const whole = readFileSync(file);
    let refused = 0;
    for (let pages = 0; pages < whole.length / 4096; pages += 7) {
      writeFileSync(file, whole.subarray(0, pages * 4096 + 100));
      if (E.isLeft(await open())) refused += 1;
      rmSync(`${file}-lock`, { force: true });
    }
    // a cut through pages that are free does no harm
    expect(refused).toBeGreaterThan(whole.length / 4096 / 7 - 3);
  });

  it('never crashes on a page that was overwritten, and never answers as if it were empty', async () => {
    await fill();
    const whole = readFileSync(file);
    let refused = 0;
    for (let page = 0; page < whole.length / 4096; page += 3) {
      const damaged = Buffer.from(whole);
      const keptBytes = page % 2 === 0 ? 0 : 24;
      damaged.fill(0xa5 ^ page, page * 4096 + keptBytes, (page + 1) * 4096);
      writeFileSync(file, damaged);
      rmSync(`${file}-lock`, { force: true });
      const store = await open();
      if (E.isLeft(store)) {
        refused += 1;
        continue;
      }
      const loaded = await store.right.load();
      if (E.isLeft(loaded)) refused += 1;
      else expect(loaded.right.leases.length).toBeGreaterThan(300);
      await store.right.close();
    }
    expect(refused).toBeGreaterThan(0);
  });

  it.each([
    ['a value that is no JSON', 'lastEpoch', '{'],
    ['a key that it never wrote', 'stranger', '1'],
    ['a lease without its fields', 'lease/0', '{"pool":{}}'],
    ['a lease under the key of another', 'lease/0', JSON.stringify(lease('t'))],
    ['a sandbox with a count that is none', 'sandbox/x', '{"uid":"x","leases":"many"}'],
    ['another format', 'format', '2'],
  ])('refuses %s', async (_, key, value) => {
    await fill();
    const database = await openLeaseDatabase(file);
    if (E.isLeft(database)) throw new Error(database.left.message);
    database.right.transactionSync(() => void database.right.put(key, value));
    await database.right.close();
    const store = await opened();
    expect(await store.load()).toMatchObject({
      left: { type: 'StoreFailed', message: expect.stringContaining(key) },
    });
    await store.close();
  });

  it('says what to do when its directory cannot be used', async () => {
    writeFileSync(join(directory, 'file'), '');
    expect(await open(join(directory, 'file', 'below'))).toMatchObject({
      left: { type: 'StoreFailed', message: expect.stringContaining('opening the lease store') },
    });
  });

  it('lets one change that cannot be written fail alone', async () => {
    const store = await opened();
    const tooLong = 'u'.repeat(5000);
    const [good, bad, alsoGood] = await Promise.all([
      store.commit({ putLeases: [lease('1')] })(),
      store.commit({ putLeases: [lease('2')], putSandboxes: [{ uid: tooLong, leases: 1 }] })(),
      store.commit({ putLeases: [lease('3')] })(),
    ]);
    expect(good).toEqual(E.right(undefined));
    expect(bad).toMatchObject({ left: { type: 'StoreFailed' } });
    expect(alsoGood).toEqual(E.right(undefined));
    const loaded = await store.load();
    expect(E.isRight(loaded) && loaded.right.leases.map(({ thread }) => thread).toSorted()).toEqual(
      ['1', '3'],
    );
    await store.close();
  });
});

const run = (command: string, ...words: readonly string[]): boolean =>
  spawnSync(command, words).status === 0;

/** Mounts a file system of a few hundred kilobytes; false without the right to. */
const mountSmall = (path: string): boolean => {
  mkdirSync(path);
  return run('mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path);
};

const addUntilFull = async (store: LeaseStore): Promise<number> => {
  for (let stored = 0; stored < 2000; stored += 1) {
    const added = await store.commit({ putLeases: [lease(`${stored}`, 'x'.repeat(900))] })();
    if (E.isRight(added)) continue;
    expect(added.left).toMatchObject({
      type: 'StoreFailed',
      message: expect.stringContaining('free some space'),
    });
    return stored;
  }
  throw new Error('the disk never became full');
};

describe('on a full disk, the lease store', () => {
  it('refuses what it cannot write, keeps what it has, and goes on once there is room', async () => {
    const path = join(directory, 'small');
    if (!mountSmall(path))
      throw new Error('this test needs the right to mount a small file system: run it as root');
    try {
      const store = await opened(path);
      const stored = await addUntilFull(store);
      expect(stored).toBeGreaterThan(10);
      const held = await store.load();
      expect(E.isRight(held) && held.right.leases.length).toBe(stored);
      expect(run('mount', '-o', 'remount,size=8m', path)).toBe(true);
      expect(await store.commit({ putLeases: [lease('new')], lastEpoch: 9 })()).toEqual(
        E.right(undefined),
      );
      await store.close();
      const after = await opened(path);
      const found = await after.load();
      expect(E.isRight(found) && found.right.leases.length).toBe(stored + 1);
      await after.close();
    } finally {
      run('umount', '-l', path);
    }
  });
});
