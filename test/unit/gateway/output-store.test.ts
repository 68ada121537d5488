import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { outputStore } from '../../../src/gateway/output-store.js';

const MAX = 4 * 1_048_576;

describe('what a command printed', () => {
  it('is kept to the byte, however it came', () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .integer({ min: 0, max: 90_000 })
        .map((length) => new Uint8Array(length).fill(length % 251)),
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
        const store = outputStore(MAX);
        for (const bytes of chunks) store.add(Buffer.from(bytes));
        expect(store.bytes().equals(Buffer.concat(chunks))).toBe(true);
      }),
    );
  });

  it('fills its bound exactly', () => {
    const store = outputStore(200_001);
    store.add(Buffer.alloc(100_000, 'a'));
    store.add(Buffer.alloc(100_001, 'b'));
    expect(store.bytes().equals(Buffer.from('a'.repeat(100_000) + 'b'.repeat(100_001)))).toBe(true);
  });

  it('is not copied where it came in one small piece', () => {
    const store = outputStore(MAX);
    const bytes = Buffer.from('hello\n');
    store.add(bytes);
    expect(store.bytes()).toBe(bytes);
  });

  it('no longer needs the chunks that it came in once it is large', () => {
    const store = outputStore(MAX);
    const chunk = Buffer.alloc(65_536, 'x');
    store.add(chunk);
    store.add(chunk);
    chunk.fill('y');
    expect(store.bytes().includes('y')).toBe(false);
  });

  it('is gone at once when it is released, not when the collector comes by', () => {
    const store = outputStore(MAX);
    store.add(Buffer.alloc(1_000_000));
    const bytes = store.bytes();
    expect(bytes.length).toBe(1_000_000);
    store.release();
    expect([bytes.length, bytes.buffer.byteLength, store.bytes().length]).toEqual([0, 0, 0]);
  });
});
