import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { type PoolKey, poolKeyText } from '../../../../src/api/pool-key.js';
import type { SandboxPoolStatus } from '../../../../src/api/sandbox-pool.js';
import type { Logger } from '../../../../src/ports/logger.js';
import { systemClock } from '../../../../src/runtime/system-clock.js';
import {
  createFilePoolStore,
  type FilePoolStore,
} from '../../../../src/stores/file/file-pool-store.js';
import { manualClock } from '../../../support/manual-clock.js';
import { poolManifest } from '../../../support/pool-manifest.js';
import { silentLogger } from '../../../support/silent-logger.js';

const pool = (name: string, replicas = 1): string =>
  JSON.stringify(poolManifest({ name, spec: { replicas } }), null, 2);
const key = (name: string): PoolKey => ({ namespace: 'default', name });

let directory = '';
const at = (name: string): string => join(directory, name);
const write = (name: string, text: string): void => writeFileSync(at(name), text);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warmpool-pools-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = async (
  paths: readonly string[] = [directory],
  logger: Logger = silentLogger,
): Promise<FilePoolStore> => {
  const store = await createFilePoolStore({ paths, clock: manualClock(), logger });
  if (E.isLeft(store)) throw new Error(JSON.stringify(store.left));
  return store.right;
};
const refused = async (paths: readonly string[] = [directory]): Promise<readonly string[]> => {
  const store = await createFilePoolStore({ paths, clock: manualClock(), logger: silentLogger });
  return E.isLeft(store) ? store.left.map(({ path, message }) => `${path}: ${message}`) : [];
};
const names = (store: FilePoolStore): readonly string[] =>
  store.list().map(({ pool: { metadata, spec } }) => `${metadata.name} ${spec.replicas}`);
/** Two looks: what changed is then in effect. */
const settle = async (store: FilePoolStore): Promise<void> => {
  await store.look();
  await store.look();
};

describe('the file pool store', () => {
  it('reads files and directories, each file once, nothing hidden and nothing else', async () => {
    write('b.yml', pool('b'));
    write('a.yaml', pool('a'));
    write('c.json', pool('c'));
    write('.a.yaml.swp', 'not a manifest');
    write('.hidden.yaml', pool('hidden'));
    write('README.md', 'not a manifest');
    mkdirSync(at('sub.yaml'));
    expect(names(await open([at('c.json'), directory]))).toEqual(['c 1', 'a 1', 'b 1']);
  });

  it('refuses to start with bad manifests, and names all problems of all files', async () => {
    write('a.yaml', pool('a', -1));
    write('b.yaml', '{');
    const problems = await refused([directory, at('gone.yaml')]);
    expect(problems).toHaveLength(3);
    expect(problems).toContain(': is not there: no such file or directory');
    expect(problems).toContain(
      'spec.replicas: must be a whole number from 0 to 1000, but is the number -1',
    );
  });

  it('refuses what is no regular file, without reading it', async () => {
    expect(await refused(['/dev/zero'])).toEqual([': is not a regular file']);
  });

  it('takes a change once two looks saw the same, and raises the generation', async () => {
    write('a.yaml', pool('a', 1));
    const store = await open();
    const uid = store.get(key('a'))?.pool.metadata.uid;
    expect(await store.look()).toBe('Unchanged');
    write('a.yaml', pool('a', 2));
    expect(await store.look()).toBe('Settling');
    expect(names(store)).toEqual(['a 1']);
    expect(await store.look()).toBe('Applied');
    expect(names(store)).toEqual(['a 2']);
    expect(store.get(key('a'))?.generation).toBe(2);
    expect(store.get(key('a'))?.pool.metadata.uid).toBe(uid);
  });

  it('never takes a file that is being written for one that lost its pools', async () => {
    write('a.yaml', pool('a'));
    const store = await open();
    write('a.yaml', '');
    await settle(store);
    expect(names(store)).toEqual(['a 1']);
    expect(store.problems()).toMatchObject([{ file: at('a.yaml'), message: 'is empty' }]);
    write('a.yaml', pool('a', 3));
    await settle(store);
    expect(names(store)).toEqual(['a 3']);
    expect(store.problems()).toEqual([]);
  });

  it('removes the pools of a deleted file, and their status', async () => {
    write('a.yaml', pool('a'));
    write('b.yaml', pool('b'));
    const store = await open();
    const status: SandboxPoolStatus = {
      replicas: 0,
      readyReplicas: 0,
      leasedReplicas: 0,
      updatedReplicas: 0,
      observedGeneration: 1,
      templateHash: 'x',
      selector: '',
      conditions: [],
    };
    store.putStatus(key('a'), status);
    expect(store.getStatus(key('a'))).toEqual(status);
    unlinkSync(at('a.yaml'));
    await settle(store);
    expect(names(store)).toEqual(['b 1']);
    expect(store.getStatus(key('a'))).toBeUndefined();
    store.putStatus(key('a'), status);
    expect(store.getStatus(key('a'))).toBeUndefined();
  });

  it('follows an editor that renames a new file over the old one', async () => {
    write('a.yaml', pool('a'));
    const store = await open([at('a.yaml')]);
    write('.a.yaml.new', pool('a', 4));
    renameSync(at('.a.yaml.new'), at('a.yaml'));
    await settle(store);
    expect(names(store)).toEqual(['a 4']);
  });

  it('follows a link that is swapped, as mounted volumes do', async () => {
    for (const version of ['v1', 'v2']) mkdirSync(at(version));
    write('v1/a.yaml', pool('a', 1));
    write('v2/a.yaml', pool('a', 2));
    symlinkSync('v1', at('..data'));
    symlinkSync(join('..data', 'a.yaml'), at('a.yaml'));
    const store = await open();
    symlinkSync('v2', at('..data.new'));
    renameSync(at('..data.new'), at('..data'));
    await settle(store);
    expect(names(store)).toEqual(['a 2']);
  });

  it('logs a problem once, and once that it is mended', async () => {
    const lines: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (fields) => lines.push(String(fields['error']).replace(directory, '')),
      info: (_fields, message) => lines.push(message),
    };
    write('a.yaml', pool('a'));
    const store = await open([directory], logger);
    write('a.yaml', 'kind: Nothing\n');
    await settle(store);
    write('b.yaml', pool('b'));
    await settle(store);
    await settle(store);
    expect(lines).toEqual([
      '/a.yaml:1:1: apiVersion is required: warmpool.dev/v1alpha1',
      '/a.yaml:1:1: kind must be SandboxPool',
      'pool manifest took effect',
    ]);
    write('a.yaml', pool('a'));
    await settle(store);
    expect(lines.slice(3)).toEqual(['manifest is in order again']);
  });
});

describe('watching the file pool store', () => {
  it('tells the key of each pool that appeared, changed or went, until it is stopped', async () => {
    write('a.yaml', pool('a'));
    const opened = await createFilePoolStore({
      paths: [directory],
      clock: systemClock,
      logger: silentLogger,
    });
    if (E.isLeft(opened)) throw new Error('the test has a bad manifest');
    const store = opened.right;
    const waiting: ((changed: string) => void)[] = [];
    const next = (): Promise<string> => new Promise((resolve) => void waiting.push(resolve));
    const controller = new AbortController();
    const watching = store.watch(
      (changed) => waiting.shift()?.(poolKeyText(changed)),
      controller.signal,
    );

    const added = next();
    write('b.yaml', pool('b'));
    expect(await added).toBe('default/b');
    const changed = next();
    write('b.yaml', pool('b', 5));
    expect(await changed).toBe('default/b');
    const removed = next();
    unlinkSync(at('a.yaml'));
    expect(await removed).toBe('default/a');
    controller.abort();
    await watching;
    expect(names(store)).toEqual(['b 5']);
  });

  it('tells every watcher, and goes on for the others when one stops', async () => {
    write('a.yaml', pool('a'));
    const clock = manualClock();
    const opened = await createFilePoolStore({ paths: [directory], clock, logger: silentLogger });
    if (E.isLeft(opened)) throw new Error('the test has a bad manifest');
    const store = opened.right;
    const [first, second] = [new AbortController(), new AbortController()];
    const heard: string[] = [];
    const one = store.watch(() => heard.push('first'), first.signal);
    const two = store.watch(() => heard.push('second'), second.signal);
    write('a.yaml', pool('a', 2));
    await settle(store);
    expect(heard).toEqual(['first', 'second']);
    first.abort();
    await one;
    write('a.yaml', pool('a', 3));
    await settle(store);
    expect(heard).toEqual(['first', 'second', 'second']);
    second.abort();
    await two;
    expect(clock.timers()).toBe(0);
  });

  it('does nothing for a watcher that was stopped before it began', async () => {
    const store = await open();
    await store.watch(() => undefined, AbortSignal.abort());
    expect(names(store)).toEqual([]);
  });
});
