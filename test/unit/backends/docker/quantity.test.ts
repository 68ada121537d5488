import { describe, expect, it } from '@jest/globals';
import { parseQuantity } from '../../../../src/backends/docker/quantity.js';

describe('parseQuantity', () => {
  it.each([
    ['500m', 0.5],
    ['1.5', 1.5],
    [2, 2],
    ['512Mi', 536_870_912],
    ['1G', 1_000_000_000],
    ['1e3', 1000],
    ['1E', undefined],
    ['.5Gi', 536_870_912],
    ['100n', 1e-7],
  ])('reads %s as %s', (written, value) => {
    const read = parseQuantity(written);
    if (value === undefined) expect(read).toBeUndefined();
    else expect(read).toBeCloseTo(value, 12);
  });

  it.each(['', 'Mi', '1 Gi', '-1', '1mi', '0x10', '1e3Mi', 'NaN'])('refuses %s', (written) => {
    expect(parseQuantity(written)).toBeUndefined();
  });
});
