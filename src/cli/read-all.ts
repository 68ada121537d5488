import type { Readable } from 'node:stream';
import * as E from 'fp-ts/lib/Either.js';

/** Reads a stream to its end; Left if there is more than `maxBytes`. */
export const readAll = async (
  stream: Readable,
  maxBytes: number,
): Promise<E.Either<string, Buffer>> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) return E.left(`there are more than ${maxBytes} bytes`);
    chunks.push(bytes);
  }
  return E.right(Buffer.concat(chunks));
};
