import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { SandboxPool } from '../../../../src/api/sandbox-pool.js';
import { nextGenerations } from '../../../../src/stores/file/manifest-generations.js';
import { poolManifest } from '../../../support/pool-manifest.js';

const pool = (name: string, spec: Readonly<Record<string, unknown>> = {}): SandboxPool => {
  const decoded = SandboxPool.decode(poolManifest({ name, spec }));
  if (E.isLeft(decoded)) throw new Error('the test has a bad manifest');
  return decoded.right;
};

describe('nextGenerations', () => {
  const first = nextGenerations(new Map(), [pool('a'), pool('b')]);

  it('starts with generation 1 and says that the pools are new', () => {
    expect([...first.pools.values()].map(({ generation }) => generation)).toEqual([1, 1]);
    expect(first.changes.map(({ type }) => type)).toEqual(['Added', 'Added']);
  });

  it('changes nothing when the pools are the same', () => {
    const again = nextGenerations(first.pools, [pool('b'), pool('a')]);
    expect(again.changes).toEqual([]);
    expect(again.pools.get('default/a')).toBe(first.pools.get('default/a'));
  });

  it('raises the generation when the spec changes, and keeps the uid', () => {
    const next = nextGenerations(first.pools, [pool('a', { replicas: 7 }), pool('b')]);
    expect(next.changes).toEqual([{ key: { namespace: 'default', name: 'a' }, type: 'Changed' }]);
    const [before, after] = [first.pools.get('default/a'), next.pools.get('default/a')];
    expect(after?.generation).toBe(2);
    expect(after?.pool.metadata.generation).toBe(2);
    expect(after?.pool.metadata.uid).toBe(before?.pool.metadata.uid);
    expect(after?.pool.metadata.uid).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('keeps the generation when only metadata change, and still tells', () => {
    const labelled = pool('a');
    const next = nextGenerations(first.pools, [
      { ...labelled, metadata: { ...labelled.metadata, labels: { team: 'x' } } },
      pool('b'),
    ]);
    expect(next.changes).toHaveLength(1);
    expect(next.pools.get('default/a')?.generation).toBe(1);
  });

  it('tells which pools are gone', () => {
    expect(nextGenerations(first.pools, [pool('b')]).changes).toEqual([
      { key: { namespace: 'default', name: 'a' }, type: 'Removed' },
    ]);
  });
});
