import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { fillGaps, outputGaps } from '../../../src/gateway/output-json.js';
import { outputText, type PreparedOutput } from '../../../src/gateway/output-text.js';

/** As it is written in pieces, and as it would be in one string. */
const bothWays = (output: PreparedOutput, around: (output: unknown) => unknown) => {
  const { encoding } = output;
  const pieces = [...fillGaps(JSON.stringify(around({ encoding, ...outputGaps })), output)];
  return { pieces, whole: JSON.stringify(around(outputText(output))) };
};

/** Bytes that begin, continue, end and break characters, with little chance of being anything at all. */
const hostile = fc.constantFrom(
  ...['a', '"', '\\', '\n', '\0', 'é', '€', '😀', '\u2028'].map((text) => Buffer.from(text)),
  ...[0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0xff].map((byte) =>
    Buffer.of(byte),
  ),
  Buffer.of(0xe2, 0x82),
  Buffer.of(0xe0, 0x80),
  Buffer.of(0xf0, 0x9f, 0x98),
  Buffer.of(0xed, 0xa0, 0x80),
);
/** Hostile bytes around the place where the first piece of 24 KiB ends, and around the second. */
const atBorders = fc
  .tuple(
    fc.integer({ min: 24_560, max: 24_580 }),
    fc.array(hostile, { maxLength: 12 }),
    fc.array(hostile, { maxLength: 12 }),
  )
  .map(([length, first, second]) =>
    Buffer.concat([Buffer.alloc(length, 'x'), ...first, Buffer.alloc(24_566, 'y'), ...second]),
  );

describe('a reply with large output', () => {
  it.each(['utf8', 'base64'] as const)(
    'reads the same in pieces of %s as in one, whatever stands where a piece ends',
    (encoding) => {
      fc.assert(
        fc.property(atBorders, atBorders, (stdout, stderr) => {
          const { pieces, whole } = bothWays({ encoding, stdout, stderr }, (output) => output);
          expect(pieces.join('') === whole).toBe(true);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('keeps what stands around the output as it is', () => {
    const output = {
      encoding: 'utf8',
      stdout: Buffer.from('out'),
      stderr: Buffer.from(''),
    } as const;
    const { pieces, whole } = bothWays(output, (result) => ({
      status: 504,
      result,
      last: ['"', 1],
    }));
    expect(pieces.join('')).toBe(whole);
  });

  it('is not upset by output that looks like a gap', () => {
    const stdout = Buffer.from(JSON.stringify(outputGaps) + outputGaps.stderr);
    const output = { encoding: 'utf8', stdout, stderr: stdout } as const;
    const { pieces, whole } = bothWays(output, (result) => result);
    expect(pieces.join('')).toBe(whole);
  });

  it('is written in pieces of some ten thousand bytes', () => {
    const stdout = Buffer.alloc(1_000_000);
    for (const encoding of ['utf8', 'base64'] as const) {
      const { pieces } = bothWays({ encoding, stdout, stderr: stdout }, (result) => result);
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(150_000);
    }
  });
});
