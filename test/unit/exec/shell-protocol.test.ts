import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { GREETING } from '../../../src/exec/shell-loop.js';
import {
  createTrailerScanner,
  directoryLine,
  parseGreeting,
  parseTrailer,
  requestLine,
  type ScanStep,
} from '../../../src/exec/shell-protocol.js';

const NONCE = 'abab'.repeat(8);

const scan = (chunks: readonly Buffer[]) => {
  const scanner = createTrailerScanner(NONCE);
  const steps: ScanStep[] = chunks.map((chunk) => scanner.push(chunk));
  return {
    output: Buffer.concat(
      steps.flatMap((step) => (step.output === undefined ? [] : [step.output])),
    ),
    trailers: steps.flatMap((step) => (step.trailer === undefined ? [] : [step.trailer])),
    stray: steps.some((step) => step.stray === true),
    broken: steps.some((step) => step.broken === true),
    steps,
  };
};

/** Cuts bytes at the given places. */
const cut = (bytes: Buffer, places: readonly number[]): readonly Buffer[] => {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length];
  sorted.sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
};

/** Bytes that tease the scanner: pieces of the nonce, never all of it. */
const output = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 31 }).map((length) => NONCE.slice(0, length)),
      fc.string(),
    ),
  )
  .map((parts) => parts.join('|'))
  .filter((text) => !text.includes(NONCE));

describe('trailer scanner', () => {
  it('gives all output and the trailer, wherever the stream is cut', () => {
    fc.assert(
      fc.property(output, fc.array(fc.nat()), (text, places) => {
        const before = Buffer.from(`${text}|`);
        const found = scan(cut(Buffer.concat([before, Buffer.from(`${NONCE} 7 0\n`)]), places));
        expect(found.output.equals(before)).toBe(true);
        expect(found.trailers).toEqual([' 7 0']);
        expect(found.stray || found.broken).toBe(false);
      }),
    );
  });

  it('finds it byte by byte as well', () => {
    const before = `${NONCE.slice(0, 31)}x${NONCE.slice(2)}|`;
    const bytes = Buffer.from(`${before}${NONCE} 0 1\n`);
    const found = scan(Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(found.trailers).toEqual([' 0 1']);
    expect(found.output.toString()).toBe(before);
  });

  it('never holds back more than a nonce could begin with', () => {
    fc.assert(
      fc.property(fc.array(output), (texts) => {
        const scanner = createTrailerScanner(NONCE);
        let given = 0;
        let sent = 0;
        for (const text of texts.map((each) => Buffer.from(`${each}.`))) {
          sent += text.length;
          given += scanner.push(text).output?.length ?? 0;
          expect(sent - given).toBeLessThan(NONCE.length);
        }
      }),
    );
  });

  it('passes output on without copying it', () => {
    const chunk = Buffer.from('some output');
    expect(scan([chunk]).steps[0]?.output?.buffer).toBe(chunk.buffer);
  });

  it('tells of bytes after the trailer, in the same chunk or later', () => {
    expect(scan([Buffer.from(`${NONCE} 0 0\nmore`)]).stray).toBe(true);
    expect(scan([Buffer.from(`${NONCE} 0 0\n`), Buffer.from('x')]).stray).toBe(true);
    expect(scan([Buffer.from(`${NONCE} 0 0\n`), Buffer.alloc(0)]).stray).toBe(false);
  });

  it('gives up on a trailer without an end', () => {
    expect(scan([Buffer.from(`${NONCE} 000000000000000000000`)]).broken).toBe(true);
    expect(scan([Buffer.from(`${NONCE} 000000000000000000000\n`)]).broken).toBe(true);
  });
});

describe('protocol', () => {
  it('keeps a plain script as it is, on one line', () => {
    expect(requestLine('n', 'subshell', { script: 'echo hi' })).toBe('n r - echo hi\n');
    expect(requestLine('n', 'subshell', { script: 'ls', marker: '12' })).toBe('n r 12 ls\n');
    expect(requestLine('n', 'direct', { script: 'echo hi' })).toBe('n d - echo hi\n');
    expect(directoryLine("/w/it's")).toBe("- h - wp_h='/w/it'\\''s'\n");
  });

  it('sends any script as one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('\n', ' '), (text, end) => {
        const line = requestLine('n', 'become', { script: `${text}\n${text}${end}` });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.endsWith(' \n')).toBe(false);
      }),
    );
  });

  it('understands its own greeting only', () => {
    expect(parseGreeting(`${GREETING} 42`)).toBe(42);
    for (const line of [`${GREETING} 0`, `${GREETING} x`, GREETING, ' warmpool-shell-3 42', '']) {
      expect(parseGreeting(line)).toBeUndefined();
    }
  });

  it('understands a trailer, and nothing that looks like one', () => {
    expect(parseTrailer(' 137 1')).toEqual({ exitCode: 137, dirty: true });
    for (const text of ['', ' 0', '0 0', ' 1000 0', ' 0 2', ' 0 0 ', ' -1 0']) {
      expect(parseTrailer(text)).toBeUndefined();
    }
  });
});
