import { Readable } from 'node:stream';

/** The stream itself if it is a modern one, as those of Node's http are. Destroying it ends the request. */
export const toReadable = (stream: NodeJS.ReadableStream): Readable =>
  stream instanceof Readable ? stream : new Readable().wrap(stream);
