import { createConnection, createServer, type Socket } from 'node:net';

/** Makes the engine's socket reachable over TCP, and cuts connections when a test wants it. */
export const tcpProxy = async (socketPath: string) => {
  const open = new Set<Socket>();
  let refusing = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (refusing) return void client.destroy();
    const engine = createConnection({ path: socketPath, allowHalfOpen: true });
    client.pipe(engine);
    engine.pipe(client);
    for (const [side, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      open.add(side);
      side.on('error', () => other.destroy());
      side.on('close', () => {
        open.delete(side);
        other.destroy();
      });
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    cut,
    /** Cuts everything and takes no connection until told. */
    setRefusing: (now: boolean): void => {
      refusing = now;
      if (now) cut();
    },
    close: async (): Promise<void> => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
