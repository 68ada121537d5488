import { giveBack } from '../runtime/chunk-pool.js';

/** What a command printed on one stream, until the reply has been written. */
export interface OutputStore {
  /** Takes the bytes over. */
  readonly add: (bytes: Buffer) => void;
  /** Everything so far, without a copy where possible. Good until `release`. */
  readonly bytes: () => Buffer;
  /** Gives the memory back at once instead of leaving it to the garbage collector. What `bytes` gave is empty then. */
  readonly release: () => void;
}

/** Up to here the chunks are kept as they came: most commands print less, and for them nothing is copied twice. */
const FEW_BYTES = 65_536;
/** How much memory is added at a time: seldom enough to cost nothing, little enough to waste none. */
const STEP_BYTES = 1_048_576;

/**
 * Keeps up to `maxBytes`. Much output goes into one resizable buffer: that only reserves addresses, takes
 * memory as it grows, and gives it back to the system on the spot. Megabytes in chunks, in one buffer made of them and
 * in strings would lie around until the next full collection, which an idle process may never see.
 */
export const outputStore = (maxBytes: number): OutputStore => {
  let chunks: Buffer[] = [];
  let large: ArrayBuffer | undefined;
  let length = 0;

  const append = (memory: ArrayBuffer, bytes: Buffer): void => {
    const end = length + bytes.length;
    if (end > memory.byteLength) {
      memory.resize(Math.min(memory.maxByteLength, Math.ceil(end / STEP_BYTES) * STEP_BYTES));
    }
    new Uint8Array(memory).set(bytes, length);
    length = end;
    giveBack(bytes);
  };

  const moveChunks = (): ArrayBuffer => {
    const memory = new ArrayBuffer(0, { maxByteLength: maxBytes });
    length = 0;
    for (const chunk of chunks) append(memory, chunk);
    chunks = [];
    large = memory;
    return memory;
  };

  return {
    add: (bytes) => {
      if (large !== undefined) return append(large, bytes);
      if (length + bytes.length > FEW_BYTES) return append(moveChunks(), bytes);
      chunks.push(bytes);
      length += bytes.length;
    },
    bytes: () => {
      if (large !== undefined) return Buffer.from(large, 0, length);
      const [first] = chunks;
      return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
    },
    release: () => {
      chunks = [];
      length = 0;
      large?.resize(0);
      large = undefined;
    },
  };
};
