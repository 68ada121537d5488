import type { FastifyReply } from 'fastify';

/** Counts the requests that are being answered, so that closing can wait for the last. */
export interface RequestsUnderWay {
  readonly begin: (reply: FastifyReply) => void;
  /** Resolves as soon as there is none. */
  readonly none: () => Promise<void>;
}

export const requestsUnderWay = (): RequestsUnderWay => {
  let count = 0;
  let waiting: (() => void)[] = [];
  const end = (): void => {
    count -= 1;
    if (count > 0) return;
    for (const wake of waiting) wake();
    waiting = [];
  };
  return {
    begin: ({ raw, request }) => {
      count += 1;
      const { socket } = request.raw;
      // A response closes after its last byte. One that still waits behind another on its connection
      // has no socket yet, and does not hear that the connection broke.
      const settle = (): void => {
        raw.off('close', settle);
        socket.off('close', settle);
        end();
      };
      raw.on('close', settle);
      socket.on('close', settle);
    },
    none: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
};
