import { describe, expect, it } from '@jest/globals';
import { systemRandom } from '../../../src/runtime/system-random.js';

describe('systemRandom', () => {
  it('gives tokens of the length asked for, and never one twice', () => {
    const sizes = [1, 8, 1023, 1024, 1025, 5000];
    for (const bytes of sizes) {
      expect(systemRandom.token(bytes)).toMatch(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
    }
    const tokens = Array.from({ length: 1000 }, () => systemRandom.token(8));
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it('gives no byte out twice, whatever was asked for in between', () => {
    const given = Array.from({ length: 300 }, (_, index) => systemRandom.token(16 + (index % 7)));
    const windows = given.flatMap((token) =>
      Array.from({ length: token.length / 2 - 7 }, (_, at) => token.slice(2 * at, 2 * at + 16)),
    );
    expect(new Set(windows).size).toBe(windows.length);
  });
});
