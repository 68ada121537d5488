import { giveBack } from '../../runtime/chunk-pool.js';

/** Which output a piece of an exec stream belongs to; `engine` is the engine's own word about a fault. */
export type FrameSource = 'stdout' | 'stderr' | 'engine';

export interface Piece {
  readonly source: FrameSource;
  readonly bytes: Buffer;
}

/** Takes the engine's stream apart. Gives the pieces of each chunk, or undefined once the stream is no such stream. */
export type FrameParser = (chunk: Buffer) => readonly Piece[] | undefined;

/** Byte 0 is the source, bytes 1 to 3 are zero, bytes 4 to 7 are the length of what follows. */
const HEADER_BYTES = 8;
const SOURCES: readonly FrameSource[] = ['stdout', 'stdout', 'stderr', 'engine'];

/**
 * Parser of the frames that the engine wraps output in when there is no terminal. Chunks may be cut
 * anywhere, headers included. Nothing is copied or kept but an unfinished header.
 */
export const createFrameParser = (): FrameParser => {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerLength = 0;
  let source: FrameSource = 'stdout';
  let left = 0;
  let broken = false;

  /** Reads as much of a header as the chunk has; gives the position behind it. */
  const readHeader = (chunk: Buffer, at: number): number => {
    const taken = chunk.copy(header, headerLength, at);
    giveBack(chunk, taken);
    headerLength += taken;
    if (headerLength < HEADER_BYTES) return at + taken;
    headerLength = 0;
    const named = SOURCES[header.readUInt8(0)];
    if (named === undefined || header.readUIntBE(1, 3) !== 0) broken = true;
    source = named ?? 'engine';
    left = header.readUInt32BE(4);
    return at + taken;
  };

  return (chunk) => {
    if (broken) return undefined;
    const pieces: Piece[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        at = readHeader(chunk, at);
        if (broken) return undefined;
      } else {
        const bytes = chunk.subarray(at, at + left);
        pieces.push({ source, bytes });
        left -= bytes.length;
        at += bytes.length;
      }
    }
    return pieces;
  };
};
