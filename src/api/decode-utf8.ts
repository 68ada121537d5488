import { isUtf8 } from 'node:buffer';
import * as E from 'fp-ts/lib/Either.js';

const NEWLINE = 10;

/** The first line that is not UTF-8, counted from 1. No character of UTF-8 contains the byte of a newline, so lines can be tried one by one. */
const badLine = (bytes: Uint8Array): number => {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    if (!isUtf8(bytes.subarray(start, end))) return line;
    line += 1;
    start = end + 1;
  }
  return line;
};

/** Bytes as text, or the first line that is not UTF-8. A byte order mark is dropped. */
export const decodeUtf8 = (bytes: Uint8Array): E.Either<{ readonly line: number }, string> =>
  isUtf8(bytes)
    ? E.right(new TextDecoder('utf-8').decode(bytes))
    : E.left({ line: badLine(bytes) });
