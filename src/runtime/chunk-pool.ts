/**
 * Memory for chunks of output that is used again. Reading a gigabyte makes a gigabyte of garbage
 * otherwise, of which tens of megabytes wait for the collector at any time and stay with the process
 * as holes in its heap.
 *
 * Each byte of a chunk belongs to one part of the program at a time. Who is done with bytes may give
 * them back; a chunk is used again once all of its bytes were. Bytes that nobody gives back cost
 * nothing: their chunk is ordinary garbage. Bytes must never be given back twice, or while they are in use.
 */

/** Below this a copy comes from Node's own pool, and is cheaper than the bookkeeping. */
const SMALLEST = 4096;
/** What a socket brings at most in one read. */
const LARGEST = 65_536;
/** Of each size: a command has few chunks under way at a time. */
const MOST_FREE = 8;

const free = new Map<number, ArrayBuffer[]>();
/** Bytes of a chunk that somebody still has. */
const inUse = new WeakMap<ArrayBufferLike, number>();

/** 4, 8, 16, 32 or 64 KiB: a chunk that is never given back wastes less than half of its memory. */
const sizeFor = (length: number): number => 2 ** Math.ceil(Math.log2(length));

/** A copy of the bytes, which may be given back. */
export const chunkOf = (bytes: Uint8Array): Buffer => {
  const { length } = bytes;
  if (length < SMALLEST || length > LARGEST) return Buffer.from(bytes);
  const size = sizeFor(length);
  const memory = free.get(size)?.pop() ?? new ArrayBuffer(size);
  inUse.set(memory, length);
  const chunk = Buffer.from(memory, 0, length);
  chunk.set(bytes);
  return chunk;
};

/** The caller is done with `count` bytes of a chunk, all of them if it does not say. Any other buffer is left alone. */
export const giveBack = (bytes: Buffer, count: number = bytes.length): void => {
  const memory = bytes.buffer;
  const before = inUse.get(memory);
  if (before === undefined) return;
  if (before > count) {
    inUse.set(memory, before - count);
    return;
  }
  inUse.delete(memory);
  // more than anybody had: somebody gave bytes back twice, and nobody knows any more who reads them
  if (before < count || !(memory instanceof ArrayBuffer)) return;
  const same = free.get(memory.byteLength) ?? [];
  if (same.length < MOST_FREE) same.push(memory);
  free.set(memory.byteLength, same);
};
