import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { CheckTemplate } from '../../../../src/api/read-manifests.js';
import type { ManifestFile } from '../../../../src/stores/file/manifest-files.js';
import {
  EMPTY_MANIFEST_SET,
  type ManifestSet,
  nextManifestSet,
} from '../../../../src/stores/file/manifest-set.js';
import { poolManifest } from '../../../support/pool-manifest.js';

type Files = Readonly<Record<string, string | ManifestFile>>;

const toFiles = (files: Files): ReadonlyMap<string, ManifestFile> =>
  new Map(
    Object.entries(files).map(([path, file]) => [
      path,
      typeof file === 'string' ? { type: 'Content' as const, bytes: Buffer.from(file) } : file,
    ]),
  );
const from = (before: ManifestSet, files: Files): ManifestSet =>
  nextManifestSet({ before, files: toFiles(files) });
const set = (files: Files): ManifestSet => from(EMPTY_MANIFEST_SET, files);
const pool = (name: string, replicas = 1): string =>
  `${JSON.stringify(poolManifest({ name, spec: { replicas } }))}\n---\n`;
const shown = ({ pools }: ManifestSet): readonly string[] =>
  [...pools.values()].map(
    ({ file, pool: { metadata, spec } }) => `${file}: ${metadata.name} ${spec.replicas}`,
  );
const messages = ({ problems }: ManifestSet): readonly string[] =>
  problems.map(({ file, message }) => `${file}: ${message}`);

const refusesAll: CheckTemplate = () =>
  E.left([{ path: 'spec.template.spec.hostNetwork', message: 'is refused' }]);

describe('nextManifestSet', () => {
  it('takes the pools of all files together', () => {
    const both = set({ a: pool('x') + pool('y'), b: pool('z') });
    expect(shown(both)).toEqual(['a: x 1', 'a: y 1', 'b: z 1']);
    expect(both.problems).toEqual([]);
  });

  it.each([
    ['is half written', 'apiVersion: warmpool.dev/v1alpha1\nkind: Sand'],
    ['is empty', ''],
    ['holds a wrong field', pool('x', -1)],
    ['cannot be read', { type: 'Unreadable', message: 'cannot be read: EACCES' }],
  ] as const)('keeps the pools of a file that %s', (_why, content) => {
    const next = from(set({ a: pool('x', 3) }), { a: content });
    expect(shown(next)).toEqual(['a: x 3']);
    expect(next.problems).not.toEqual([]);
  });

  it('drops the pools of a file that is gone, or holds comments only', () => {
    const before = set({ a: pool('x'), b: pool('y') });
    expect(shown(from(before, { b: pool('y') }))).toEqual(['b: y 1']);
    expect(shown(from(before, { a: '# later\n', b: pool('y') }))).toEqual(['b: y 1']);
    expect(shown(from(before, { a: { type: 'Missing' }, b: pool('y') }))).toEqual(['b: y 1']);
  });

  it('keeps the files of a directory that cannot be listed', () => {
    const before = set({ 'd/a.yaml': pool('x'), 'e/b.yaml': pool('y') });
    const next = from(before, { d: { type: 'Unreadable', message: 'cannot be read: EIO' } });
    expect(shown(next)).toEqual(['d/a.yaml: x 1']);
  });

  it('names both files of a pool that is defined twice', () => {
    expect(messages(set({ a: pool('x'), b: pool('y') + pool('x') }))).toEqual([
      'b: is the pool default/x again, which a:1 defines',
    ]);
  });

  it('leaves a pool with the file that had it, until that file gives it up', () => {
    const before = set({ b: pool('x', 2) });
    const both = from(before, { a: pool('x', 5), b: pool('x', 3) });
    expect(shown(both)).toEqual(['b: x 3']);
    expect(messages(both)).toEqual(['a: is the pool default/x again, which b:1 defines']);
    const moved = from(both, { a: pool('x', 5) });
    expect(shown(moved)).toEqual(['a: x 5']);
    expect(moved.problems).toEqual([]);
  });

  it('lets a pool move from one file to another', () => {
    const moved = from(set({ a: pool('x') + pool('y') }), { a: pool('y'), b: pool('x', 4) });
    expect(shown(moved)).toEqual(['a: y 1', 'b: x 4']);
    expect(moved.problems).toEqual([]);
  });

  it('asks the backend about every template', () => {
    const next = nextManifestSet({
      before: EMPTY_MANIFEST_SET,
      files: toFiles({ a: pool('x') }),
      checkTemplate: refusesAll,
    });
    expect(messages(next)).toEqual(['a: is refused']);
    expect(shown(next)).toEqual([]);
  });
});
