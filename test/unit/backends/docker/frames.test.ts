import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createFrameParser } from '../../../../src/backends/docker/frames.js';

const frame = (source: number, bytes: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(source, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

const cut = (bytes: Buffer, sizes: readonly number[]): readonly Buffer[] => {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) break;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
};

describe('createFrameParser', () => {
  it('finds the same bytes however the stream is cut', () => {
    const frames = fc.array(
      fc.record({ source: fc.constantFrom(1, 2), bytes: fc.uint8Array({ maxLength: 40 }) }),
      { maxLength: 12 },
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 });
    fc.assert(
      fc.property(frames, sizes, (sent, where) => {
        const parse = createFrameParser();
        const stream = Buffer.concat(sent.map(({ source, bytes }) => frame(source, bytes)));
        const pieces = cut(stream, where).flatMap((chunk) => parse(chunk) ?? []);
        const of = (source: string): string =>
          Buffer.concat(
            pieces.filter((piece) => piece.source === source).map((piece) => piece.bytes),
          ).toString('hex');
        const wanted = (source: number): string =>
          Buffer.concat(sent.filter((f) => f.source === source).map((f) => f.bytes)).toString(
            'hex',
          );
        expect(of('stdout')).toBe(wanted(1));
        expect(of('stderr')).toBe(wanted(2));
      }),
    );
  });

  it('takes ten thousand tiny frames in one chunk', () => {
    const chunk = Buffer.concat(Array.from({ length: 10_000 }, () => frame(1, Buffer.from('x'))));
    expect(createFrameParser()(chunk)).toHaveLength(10_000);
  });

  it('tells the faults that the engine reports from output', () => {
    const pieces = createFrameParser()(frame(3, Buffer.from('disk full')));
    expect(pieces).toEqual([{ source: 'engine', bytes: Buffer.from('disk full') }]);
  });

  it('gives up on a stream of something else, for good', () => {
    const parse = createFrameParser();
    expect(parse(Buffer.from('HTTP/1.1 400 Bad Request'))).toBeUndefined();
    expect(parse(frame(1, Buffer.from('x')))).toBeUndefined();
  });
});
