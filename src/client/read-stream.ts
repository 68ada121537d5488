import { StringDecoder } from 'node:string_decoder';
import * as E from 'fp-ts/lib/Either.js';
import type { ClientError } from './client-error.js';
import { type ExecExit, StreamLine } from './replies.js';
import { decodeBody, problemReply } from './transport.js';

/** Takes output as it comes; a promise holds the command back until it settles. */
export type OnOutput = (output: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>;

/** Splits a body into lines, without the line feeds. */
async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  for await (const chunk of body) {
    const [first = '', ...rest] = decoder.write(chunk).split('\n');
    parts.push(first);
    for (const next of rest) {
      yield parts.join('');
      parts = [next];
    }
  }
}

type Step =
  | { readonly type: 'Output'; readonly output: 'stdout' | 'stderr'; readonly bytes: Buffer }
  | { readonly type: 'End'; readonly end: E.Either<ClientError, ExecExit> };

const stepOf = (line: string): Step => {
  const decoded = decodeBody(StreamLine, line);
  if (E.isLeft(decoded)) return { type: 'End', end: decoded };
  const value = decoded.right;
  if ('exit' in value) return { type: 'End', end: E.right(value.exit) };
  if ('error' in value) return { type: 'End', end: E.left(problemReply(value.error)) };
  const encoding = value.encoding ?? 'utf8';
  return 'stdout' in value
    ? { type: 'Output', output: 'stdout', bytes: Buffer.from(value.stdout, encoding) }
    : { type: 'Output', output: 'stderr', bytes: Buffer.from(value.stderr, encoding) };
};

const cutOff: ClientError = {
  type: 'Unreachable',
  message: 'the connection to warmpool ended before the end of the command was known',
};

/** Reads a streamed reply. One that ends without saying how the command did is an error, never an exit code. */
export const readStream = async (
  body: AsyncIterable<Buffer>,
  onOutput: OnOutput,
): Promise<E.Either<ClientError, ExecExit>> => {
  let end: E.Either<ClientError, ExecExit> | undefined;
  try {
    for await (const line of linesOf(body)) {
      if (end !== undefined) continue; // read to the very end: only then can the connection be used again
      const step = stepOf(line);
      if (step.type === 'End') end = step.end;
      else await onOutput(step.output, step.bytes);
    }
  } catch (error) {
    if (end === undefined) throw error;
  }
  return end ?? E.left(cutOff);
};
