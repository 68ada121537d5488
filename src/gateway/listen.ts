import { chmod, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import { errorCode } from './error-code.js';

/** Where a gateway listens: a TCP address (port 0 takes any free one), or a unix socket. */
export type GatewayAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

/** The address cannot be listened on; the message says what to do about it. */
export interface ListenProblem {
  readonly type: 'ListenProblem';
  readonly message: string;
  readonly cause?: unknown;
}

export const listenProblem = (message: string, cause?: unknown): ListenProblem => ({
  type: 'ListenProblem',
  message,
  ...(cause === undefined ? {} : { cause }),
});

const hostForUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

const tcpMessage = (host: string, port: number, error: unknown): string => {
  const where = `${hostForUrl(host)}:${port}`;
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return `${where} is in use: stop the program that listens there, or choose another port with --listen`;
    case 'EACCES':
      return `no permission to listen on ${where}: choose a port above 1023 with --listen`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine: choose another with --listen`;
    default:
      return `cannot listen on ${where}: ${E.toError(error).message}`;
  }
};

const listenTcp = async (
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<E.Either<ListenProblem, string>> => {
  try {
    // for "localhost" fastify would open a second server for the other address family
    await app.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port });
  } catch (error) {
    return E.left(listenProblem(tcpMessage(host, port, error), error));
  }
  const address = app.server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return E.right(`http://${hostForUrl(host)}:${actual}`);
};

/** Whether somebody answers on a unix socket. */
const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** A process that was killed leaves its socket behind; the file is taken away if it is one, and nobody answers. */
const removeStaleSocket = async (path: string): Promise<void> => {
  const found = await stat(path).catch(() => undefined);
  if (found?.isSocket() === true && !(await answers(path))) {
    await unlink(path).catch(() => undefined);
  }
};

const listenUnix = async (
  app: FastifyInstance,
  path: string,
): Promise<E.Either<ListenProblem, string>> => {
  try {
    await removeStaleSocket(path);
    await app.listen({ path });
    await chmod(path, 0o600); // who may connect may do everything
    return E.right(`unix:${path}`);
  } catch (error) {
    const message =
      errorCode(error) === 'EADDRINUSE'
        ? `${path} is in use: another warmpool listens there, or it is a file of another kind`
        : `cannot listen on ${path}: ${E.toError(error).message}; choose a path in a directory that is there and can be written to, with --listen`;
    return E.left(listenProblem(message, error));
  }
};

/** Binds the address; Right is the URL for clients: `http://127.0.0.1:7070`, `unix:/run/warmpool.sock`. */
export const listen = (
  app: FastifyInstance,
  address: GatewayAddress,
): Promise<E.Either<ListenProblem, string>> =>
  'path' in address ? listenUnix(app, address.path) : listenTcp(app, address.host, address.port);
