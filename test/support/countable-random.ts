import type { Random } from '../../src/ports/random.js';

/** Chance that comes out the same each time: a small linear generator, the same after the same seed. */
export const countableRandom = (seed = 1): Random => {
  let state = seed;
  const next = (): number => {
    // constants of Numerical Recipes
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state;
  };
  return {
    fraction: () => next() / 2 ** 32,
    token: (bytes) =>
      Array.from({ length: bytes }, () => (next() >>> 24).toString(16).padStart(2, '0')).join(''),
  };
};
