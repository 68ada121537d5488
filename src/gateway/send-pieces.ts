import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/**
 * Sends a body as fast as the client reads and no faster, each piece made when its turn comes. `done` is called once
 * nothing is read from `pieces` any more: after the last, or when the client went away.
 */
export const sendPieces = (
  reply: FastifyReply,
  pieces: Iterator<string>,
  done: () => void,
): FastifyReply => {
  const body = new Readable({
    read: () => {
      const { value, done: last } = pieces.next();
      body.push(last === true ? null : value);
    },
    destroy: (error, destroyed) => {
      done();
      destroyed(error);
    },
  });
  return reply.send(body);
};
