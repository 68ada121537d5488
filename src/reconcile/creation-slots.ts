import { type PoolKey, poolKeyText } from '../api/pool-key.js';

/**
 * Bounds the creations under way over all pools. Pools that want more than there is stand in line, and
 * one that was served goes to its end, so that a large pool cannot starve the others.
 */
export interface CreationSlots {
  /** How many creations the pool may begin now: none while others are ahead of it in the line. */
  readonly free: (pool: PoolKey) => number;
  /** Takes a slot; the answer gives it back, and may be called twice. */
  readonly take: () => () => void;
  /** How a pass over the pool came out. Pokes whoever is next, if a slot is free. */
  readonly report: (
    pool: PoolKey,
    outcome: { readonly took: number; readonly waits: boolean },
  ) => void;
}

export const createCreationSlots = (options: {
  readonly limit: number;
  readonly poke: (pool: PoolKey) => void;
}): CreationSlots => {
  const line = new Map<string, PoolKey>();
  let taken = 0;
  const first = (): PoolKey | undefined => {
    const [pool] = line.values();
    return pool;
  };
  const pokeFirst = (): void => {
    const next = first();
    if (next !== undefined && taken < options.limit) options.poke(next);
  };
  return {
    free: (pool) => {
      const ahead = first();
      const turn = ahead === undefined || poolKeyText(ahead) === poolKeyText(pool);
      return turn ? Math.max(0, options.limit - taken) : 0;
    },
    take: () => {
      taken += 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        taken -= 1;
        pokeFirst();
      };
    },
    report: (pool, { took, waits }) => {
      const text = poolKeyText(pool);
      if (!waits || took > 0) line.delete(text);
      if (waits && !line.has(text)) line.set(text, pool);
      pokeFirst();
    },
  };
};
