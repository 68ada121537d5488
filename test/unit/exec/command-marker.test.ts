import { describe, expect, it } from '@jest/globals';
import { markerLimit, markerOfLimit, newMarker } from '../../../src/exec/command-marker.js';
import { systemRandom } from '../../../src/runtime/system-random.js';

it('reads a marker back from its limit, and from no other', () => {
  const marker = newMarker(systemRandom);
  expect(markerOfLimit(markerLimit(marker))).toBe(marker);
  for (const limit of ['unlimited', '', '1048576', `${markerLimit(marker)}1`, '1']) {
    expect(markerOfLimit(limit)).toBeUndefined();
  }
});

describe('newMarker', () => {
  it('names each run of a command differently, in the same number of digits', () => {
    const markers = Array.from({ length: 1000 }, () => newMarker(systemRandom));
    expect(new Set(markers).size).toBe(1000);
    for (const marker of markers) expect(marker).toMatch(/^[1-9]\d{14}$/u);
  });

  it.each(['0000000000000000', 'ffffffffffffffff'])('is in bounds for the chance %s', (chance) => {
    const marker = newMarker({ token: () => chance });
    expect(marker).toMatch(/^[1-9]\d{14}$/u);
    expect(BigInt(markerLimit(marker))).toBeLessThan(2n ** 63n);
    expect(BigInt(markerLimit(marker))).toBe(BigInt(marker) * 1024n);
  });
});
