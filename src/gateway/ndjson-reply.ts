import type { FastifyReply } from 'fastify';

/** A reply of JSON lines that is written while it comes about. */
export interface NdjsonReply {
  /** Whether the first line has been sent: from then on the status cannot be changed any more. */
  readonly started: () => boolean;
  /** Sends a line. Resolves at once, or when the client has read enough for more; also when it is gone. */
  readonly write: (line: unknown) => Promise<void> | undefined;
  /** Sends the last line and ends the reply. */
  readonly end: (line: unknown) => void;
}

/** Takes the response over from fastify with the first line, not before: what fails earlier is an ordinary problem. */
export const ndjsonReply = (reply: FastifyReply): NdjsonReply => {
  const { raw } = reply;
  let started = false;
  const start = (): void => {
    if (started) return;
    started = true;
    reply.hijack();
    raw.on('error', () => undefined); // the client went away: its command hears of it from the socket
    raw.writeHead(200, {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store',
    });
  };
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const settle = (): void => {
        raw.off('drain', settle);
        raw.off('close', settle);
        resolve();
      };
      raw.on('drain', settle);
      raw.on('close', settle);
    });
  return {
    started: () => started,
    write: (line) => {
      start();
      if (raw.destroyed || raw.write(`${JSON.stringify(line)}\n`)) return undefined;
      return raw.destroyed ? undefined : drained();
    },
    end: (line) => {
      start();
      raw.end(`${JSON.stringify(line)}\n`);
    },
  };
};
