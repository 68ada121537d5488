import { describe, expect, it } from '@jest/globals';
import { chunkOf, giveBack } from '../../../src/runtime/chunk-pool.js';

const bytes = (length: number, value: string) => Buffer.alloc(length, value);

describe('chunks that are used again', () => {
  it('hold what was read, of any length', () => {
    for (const length of [0, 1, 4095, 4096, 4097, 8192, 65_535, 65_536, 65_537, 200_000]) {
      expect(chunkOf(bytes(length, 'a')).equals(bytes(length, 'a'))).toBe(true);
    }
  });

  it('are used again once all of their bytes were given back, in whatever parts', () => {
    const chunk = chunkOf(bytes(8000, 'a'));
    giveBack(chunk, 8);
    giveBack(chunk.subarray(8, 5000));
    const other = chunkOf(bytes(8000, 'b'));
    expect(other.buffer).not.toBe(chunk.buffer);
    giveBack(chunk.subarray(5000));
    expect(chunkOf(bytes(7000, 'c')).buffer).toBe(chunk.buffer);
  });

  it('stay as they are while somebody has a part of them', () => {
    const chunk = chunkOf(bytes(8000, 'a'));
    giveBack(chunk.subarray(1));
    for (let more = 0; more < 20; more += 1) chunkOf(bytes(8000, 'b'));
    expect(chunk.equals(bytes(8000, 'a'))).toBe(true);
  });

  it('are few, however many are given back', () => {
    const chunks = Array.from({ length: 100 }, () => chunkOf(bytes(8000, 'a')));
    for (const chunk of chunks) giveBack(chunk);
    const before = new Set(chunks.map((chunk) => chunk.buffer));
    const again = Array.from({ length: 100 }, () => chunkOf(bytes(8000, 'b')));
    expect(again.filter((chunk) => before.has(chunk.buffer)).length).toBeLessThanOrEqual(8);
  });

  it('are no business of other buffers', () => {
    const own = bytes(8000, 'a');
    giveBack(own);
    giveBack(Buffer.from('x'));
    expect(chunkOf(bytes(8000, 'b')).buffer).not.toBe(own.buffer);
  });
});
