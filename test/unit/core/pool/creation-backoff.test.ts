import { describe, expect, it } from '@jest/globals';
import {
  type CreationProblem,
  creationFailed,
  creationSucceeded,
  creationsAllowed,
  forgetOldStops,
  newCreationState,
  sandboxStopped,
} from '../../../../src/core/pool/creation-backoff.js';

const NOW = 1_700_000_000_000;
const start: CreationProblem = { reason: 'CreateFailed', message: 'no such command' };
const image: CreationProblem = { reason: 'ImageMissing', message: 'no such image' };
const fresh = newCreationState('h');

describe('the record of creations', () => {
  it('tries a new template once before it allows any number', () => {
    expect(creationsAllowed(fresh, 0, NOW)).toBe(1);
    expect(creationsAllowed(fresh, 1, NOW)).toBe(0);
    expect(creationsAllowed(creationSucceeded(fresh), 7, NOW)).toBe(Number.POSITIVE_INFINITY);
  });

  it('waits twice as long after each failure, from 1 s up to 5 min', () => {
    let state = fresh;
    const waits = Array.from({ length: 11 }, () => {
      state = creationFailed(state, start, NOW);
      return ((state.retryAt ?? 0) - NOW) / 1000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it('allows nothing until then, one trial after that, and everything after a success', () => {
    const failed = creationFailed(creationSucceeded(fresh), start, NOW);
    expect(creationsAllowed(failed, 0, NOW + 999)).toBe(0);
    expect(creationsAllowed(failed, 0, NOW + 1000)).toBe(1);
    expect(creationsAllowed(failed, 1, NOW + 1000)).toBe(0);
    const mended = creationSucceeded(failed);
    expect(creationsAllowed(mended, 0, NOW)).toBe(Number.POSITIVE_INFINITY);
    expect(mended.problem).toBeUndefined();
  });

  it('keeps the first words of a problem while it lasts', () => {
    const once = creationFailed(fresh, start, NOW);
    const again = creationFailed(once, { ...start, message: 'container 2: no such command' }, NOW);
    expect(again.problem).toEqual(start);
  });

  it('does not flap between two problems, but follows a lasting change', () => {
    const first = creationFailed(fresh, start, NOW);
    const other = creationFailed(first, image, NOW);
    expect(other.problem).toEqual(start);
    const back = creationFailed(other, start, NOW);
    expect(creationFailed(back, image, NOW).problem).toEqual(start);
    expect(creationFailed(other, image, NOW).problem).toEqual(image);
  });

  it('brakes on a series of sandboxes that stop soon after their start, not on one', () => {
    const stop = { message: 'exited with status 0', ageMs: 2000 };
    const one = sandboxStopped(creationSucceeded(fresh), stop, NOW);
    expect(creationsAllowed(one, 0, NOW)).toBe(Number.POSITIVE_INFINITY);
    const two = sandboxStopped(one, stop, NOW + 3000);
    expect(creationsAllowed(two, 0, NOW + 3000)).toBe(0);
    expect(two.problem?.message).toContain('exited with status 0');
    // that they start is nothing new
    const started = creationSucceeded(two);
    expect(started.problem).toEqual(two.problem);
    expect(creationsAllowed(started, 0, NOW + 3000)).toBe(0);
    const calm = forgetOldStops(started, NOW + 700_000);
    expect(calm.problem).toBeUndefined();
    expect(creationsAllowed(calm, 3, NOW + 700_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('does not hold the end of an old sandbox against its template', () => {
    const stop = { message: 'exited with status 137', ageMs: 3_600_000 };
    expect(sandboxStopped(fresh, stop, NOW)).toBe(fresh);
  });
});
