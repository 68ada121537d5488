import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type PoolKey, poolKeyText } from '../../api/pool-key.js';
import type { SandboxPool } from '../../api/sandbox-pool.js';
import type { StoredPool } from '../../ports/pool-store.js';

/** How a pool differs from what it was. */
export interface PoolChange {
  readonly key: PoolKey;
  readonly type: 'Added' | 'Changed' | 'Removed';
}

export interface Generations {
  readonly pools: ReadonlyMap<string, StoredPool>;
  readonly changes: readonly PoolChange[];
}

/** A name-based UUID (version 8): the same pool has the same one after a restart. */
const uidOf = (key: PoolKey): string => {
  const hex = createHash('sha256').update(poolKeyText(key)).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join('-');
};

const stored = (pool: SandboxPool, generation: number): StoredPool => {
  const { name, namespace } = pool.metadata;
  const key = { namespace, name };
  const metadata = { ...pool.metadata, uid: uidOf(key), generation };
  return { key, pool: { ...pool, metadata }, generation };
};

const next = (pool: SandboxPool, before: StoredPool | undefined): StoredPool => {
  if (before === undefined) return stored(pool, 1);
  const sameSpec = isDeepStrictEqual(pool.spec, before.pool.spec);
  const after = stored(pool, sameSpec ? before.generation : before.generation + 1);
  return isDeepStrictEqual(after, before) ? before : after;
};

/** Numbers the versions of each pool: the first is 1, and every change of the spec adds one. */
export const nextGenerations = (
  before: ReadonlyMap<string, StoredPool>,
  pools: readonly SandboxPool[],
): Generations => {
  const after = new Map(
    pools.map((pool) => {
      const key = poolKeyText(pool.metadata);
      return [key, next(pool, before.get(key))] as const;
    }),
  );
  const upserts = [...after].flatMap(([text, pool]): readonly PoolChange[] => {
    const old = before.get(text);
    if (old === pool) return [];
    return [{ key: pool.key, type: old === undefined ? 'Added' : 'Changed' }];
  });
  const removals = [...before]
    .filter(([text]) => !after.has(text))
    .map(([, pool]): PoolChange => ({ key: pool.key, type: 'Removed' }));
  return { pools: after, changes: [...upserts, ...removals] };
};
