import { describe, expect, it } from '@jest/globals';
import { duration } from '../../../src/cli/duration.js';

describe('duration', () => {
  it.each([
    [-5, '0s'],
    [999, '0s'],
    [45_000, '45s'],
    [192_000, '3m12s'],
    [7_200_000, '2h'],
    [7_500_000, '2h5m'],
    [3_601_000, '1h'],
    [86_400_000 * 3 + 3_600_000, '3d1h'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
