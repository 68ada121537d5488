import type { FastifyReply } from 'fastify';

/** Counts the requests that are being answered, so that closing can wait for the last. */
export interface RequestsUnderWay {
  readonly begin: (reply: FastifyReply) => void;
  readonly count: () => number;
  /** Resolves as soon as there is none. */
  readonly none: () => Promise<void>;
}

export const requestsUnderWay = (): RequestsUnderWay => {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    begin: (reply) => {
      count += 1;
      // 'close' comes once for every response: after its last byte, or when the connection breaks
      reply.raw.once('close', () => {
        count -= 1;
        if (count > 0) return;
        for (const wake of waiting) wake();
        waiting = [];
      });
    },
    count: () => count,
    none: () =>
      count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
  };
};
