import { connect, type Socket } from 'node:net';
import * as E from 'fp-ts/lib/Either.js';
import { createGateway, type Gateway } from '../../src/gateway/create-gateway.js';
import { deferred } from './deferred.js';
import type { GatewayWorld } from './gateway-world.js';

export interface ListeningGateway {
  readonly gateway: Gateway;
  readonly url: string;
  /** A connection of its own. */
  readonly open: () => Promise<Socket>;
}

/** A gateway on a free port of this machine; close it with `gateway.close(0)`. */
export const listeningGateway = async (world: GatewayWorld): Promise<ListeningGateway> => {
  const gateway = await createGateway(world.deps);
  const listening = await gateway.listen({ host: '127.0.0.1', port: 0 });
  if (E.isLeft(listening)) throw new Error(listening.left.message);
  const port = Number(new URL(listening.right).port);
  const open = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => undefined);
    });
  return { gateway, url: listening.right, open };
};

/** From now on commands run until they are canceled. */
export const endlessCommands = (
  world: GatewayWorld,
): { readonly began: Promise<void>; readonly canceled: Promise<void> } => {
  const began = deferred<void>();
  const canceled = deferred<void>();
  world.script = (_request, _sink, signal) => async () => {
    began.resolve();
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
    canceled.resolve();
    return E.left({ type: 'AcquireCanceled', message: 'the caller went away' });
  };
  return { began: began.promise, canceled: canceled.promise };
};

export const EXEC_PATH = '/v1/namespaces/default/pools/python/threads/t1/exec';

/** A request to run a command, as it goes over the wire. */
export const execText = (body: string): string =>
  [
    `POST ${EXEC_PATH} HTTP/1.1`,
    'host: localhost',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');

/** Reads from a connection until `part` came, or its end. */
export const reads = (socket: Socket, part: string): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes(part)) resolve(text);
    });
    socket.on('close', () => resolve(text));
  });
