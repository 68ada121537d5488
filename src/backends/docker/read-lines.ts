import { StringDecoder } from 'node:string_decoder';

/** The engine's lines are some hundred bytes long; more than this without an end is no line. */
const LONGEST_LINE = 1_048_576;

/** The stream is not made of lines. */
export class LineTooLong extends Error {}

/**
 * The lines of a stream as they come, in UTF-8, empty ones left out; a last line without an end
 * counts. Throws what the stream throws. Stops reading when the caller does.
 */
export async function* readLines(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? decoder.write(chunk) : '';
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield line;
    if (rest.length > LONGEST_LINE) throw new LineTooLong('a line of the engine has no end');
  }
  if (rest.trim() !== '') yield rest;
}
