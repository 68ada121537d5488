import type { OutputName } from '../exec/command.js';
import { incompleteTail, type OutputEncoding, type PreparedOutput } from './output-text.js';

/** Bytes of output in a piece. A multiple of 3, so that pieces of base64 join without padding between them. */
const PIECE_BYTES = 24_576;

/** Stands for the output in a reply that is already JSON. No field of a reply holds a NUL. */
const gap = (name: OutputName): string => `\0${name}`;
const GAPS = /"\\u0000(stdout|stderr)"/;

/** What an answer says in place of its output until `fillGaps`. */
export const outputGaps = { stdout: gap('stdout'), stderr: gap('stderr') } as const;

/** Where a piece that starts at `from` ends: never within a character, so that each piece decodes as in the whole. */
const pieceEnd = (bytes: Buffer, from: number, encoding: OutputEncoding): number => {
  const to = Math.min(bytes.length, from + PIECE_BYTES);
  return encoding === 'base64' || to === bytes.length
    ? to
    : to - incompleteTail(bytes.subarray(from, to));
};

/** The inside of a JSON string. Base64 has nothing to escape. */
const escaped = (text: string, encoding: OutputEncoding): string =>
  encoding === 'base64' ? text : JSON.stringify(text).slice(1, -1);

function* textPieces(bytes: Buffer, encoding: OutputEncoding): Generator<string> {
  for (let from = 0; from < bytes.length; ) {
    const to = pieceEnd(bytes, from, encoding);
    yield escaped(bytes.toString(encoding, from, to), encoding);
    from = to;
  }
}

/**
 * The JSON text of a reply with its output in the gaps, piece by piece: a large output never exists as a
 * string, let alone as several.
 */
export function* fillGaps(json: string, output: PreparedOutput): Generator<string> {
  for (const part of json.split(GAPS)) {
    if (part === 'stdout' || part === 'stderr') {
      yield '"';
      yield* textPieces(output[part], output.encoding);
      yield '"';
    } else {
      yield part;
    }
  }
}
