import type { FastifyReply } from 'fastify';

export interface ClientGone {
  /** Aborts when the connection closes before the reply is complete. */
  readonly signal: AbortSignal;
  /** The reply is on its way: stop looking. A kept-alive connection must not gather listeners. */
  readonly done: () => void;
}

/**
 * Watches for a client that goes away. It is the socket that tells: the request's own 'close' comes as soon as
 * its body was read, and the response's not at all while it waits behind another on the same connection.
 */
export const clientGone = (reply: FastifyReply): ClientGone => {
  const { socket } = reply.request.raw;
  const controller = new AbortController();
  const onClose = (): void => controller.abort();
  socket.once('close', onClose);
  if (socket.destroyed) onClose();
  return { signal: controller.signal, done: () => void socket.off('close', onClose) };
};
