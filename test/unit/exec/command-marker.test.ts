import { describe, expect, it } from '@jest/globals';
import { markerLimit, newMarker } from '../../../src/exec/command-marker.js';
import { systemRandom } from '../../../src/runtime/system-random.js';

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
