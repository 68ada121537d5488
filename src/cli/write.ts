import type { Writable } from 'node:stream';

/** Writes and resolves when there is room for more: false if the reader is gone (`… | head`). */
export const write = (stream: Writable, data: string | Uint8Array): Promise<boolean> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) {
      resolve(false);
      return;
    }
    stream.write(data, (error) => resolve(error === null || error === undefined));
  });
