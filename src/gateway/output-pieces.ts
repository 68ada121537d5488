import { isUtf8 } from 'node:buffer';
import { giveBack } from '../runtime/chunk-pool.js';
import { incompleteTail, type OutputEncoding } from './output-text.js';

/** A part of a stream's output, as one line of the reply carries it. */
export interface OutputPiece {
  readonly text: string;
  /** Absent for text. */
  readonly encoding?: 'base64';
}

export interface OutputPieces {
  /** The next bytes, which it takes over, as a piece; undefined as long as they only begin a character. */
  readonly next: (bytes: Buffer) => OutputPiece | undefined;
  /** What is left when the stream has ended. */
  readonly rest: () => OutputPiece | undefined;
}

const asBase64 = (bytes: Buffer): OutputPiece => ({
  text: bytes.toString('base64'),
  encoding: 'base64',
});

/**
 * Cuts a stream of bytes into pieces of text. A character that is split between two chunks is put together
 * again; a chunk that is no valid UTF-8 goes out as base64, and those after it as text again if they are.
 */
export const outputPieces = (wanted: OutputEncoding | undefined): OutputPieces => {
  let held: Buffer = Buffer.alloc(0);
  const piece = (bytes: Buffer): OutputPiece | undefined => {
    if (bytes.length === 0) return undefined;
    return wanted === 'utf8' || isUtf8(bytes) ? { text: bytes.toString('utf8') } : asBase64(bytes);
  };
  const next = (bytes: Buffer): OutputPiece | undefined => {
    if (wanted === 'base64') return bytes.length === 0 ? undefined : asBase64(bytes);
    const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    const tail = incompleteTail(all);
    held = Buffer.from(all.subarray(all.length - tail)); // a copy: `bytes` are given back
    return piece(all.subarray(0, all.length - tail));
  };
  return {
    next: (bytes) => {
      const made = next(bytes);
      giveBack(bytes);
      return made;
    },
    rest: () => {
      const last = piece(held);
      held = Buffer.alloc(0);
      return last;
    },
  };
};
