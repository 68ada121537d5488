import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { commandTag } from '../../../src/exec/command-tag.js';

describe('commandTag', () => {
  it('is the same for the same marker and another for another', () => {
    expect(commandTag('a')).toBe(commandTag('a'));
    expect(commandTag('a')).not.toBe(commandTag('b'));
  });

  it('is a limit that nobody reaches, and exact in bytes', () => {
    fc.assert(
      fc.property(fc.string(), (marker) => {
        const tag = commandTag(marker);
        expect(tag).toBeGreaterThanOrEqual(2 ** 41);
        expect(Number.isSafeInteger(tag * 1024)).toBe(true);
      }),
    );
  });
});
