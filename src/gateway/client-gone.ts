import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

/** One signal for all requests of a connection, as making one costs more than most of what is done to a request. */
const signals = new WeakMap<Socket, AbortSignal>();

const watch = (socket: Socket): AbortSignal => {
  const controller = new AbortController();
  const { signal } = controller;
  // each of the requests that a client sends ahead adds its own
  setMaxListeners(0, signal);
  const onClose = (): void => controller.abort();
  socket.once('close', onClose);
  if (socket.destroyed) onClose();
  signals.set(socket, signal);
  return signal;
};

/**
 * Aborts when the client's connection closes. Whoever listens has to stop when the reply is complete: a kept-alive
 * connection goes on and must not gather listeners.
 *
 * It is the socket that tells: the request's own 'close' comes as soon as its body was read, and the
 * response's not at all while it waits behind another on the same connection.
 */
export const clientGone = (reply: FastifyReply): AbortSignal => {
  const { socket } = reply.request.raw;
  return signals.get(socket) ?? watch(socket);
};
