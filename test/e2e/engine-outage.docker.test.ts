import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createOperatorProcess,
  eventually,
  freePort,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
} from '../support/operator-process.js';

/** A way to the engine that can be cut, as when the engine restarts. */
const createProxy = (port: number) => {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  return {
    open: () =>
      new Promise<void>((done) => {
        server = createServer((client) => {
          const engine = connect('/var/run/docker.sock');
          for (const socket of [client, engine]) {
            sockets.add(socket);
            socket.on('error', () => undefined);
            socket.on('close', () => sockets.delete(socket));
          }
          client.pipe(engine).pipe(client);
        }).listen(port, '127.0.0.1', () => done());
      }),
    cut: () => {
      server?.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

describe('an engine that goes away and comes back, over tcp', () => {
  let operator: OperatorProcess;
  let proxy: ReturnType<typeof createProxy>;

  beforeAll(async () => {
    const port = await freePort();
    proxy = createProxy(port);
    await proxy.open();
    operator = await createOperatorProcess(
      poolManifest({ replicas: 1, spec: '  maxSandboxes: 3' }),
    );
    await operator.start([], { DOCKER_HOST: `tcp://127.0.0.1:${port}` });
    await operator.warm(1);
  }, PATIENCE_MS);

  afterAll(async () => {
    proxy.cut();
    await operator.dispose();
  }, PATIENCE_MS);

  it(
    'ends the command under way with an error, then serves the thread again in its sandbox',
    async () => {
      const first = (await operator.exec('t', { command: 'echo here > file' })).json();
      const running = operator.exec('t', { command: 'touch /tmp/begun; sleep 600' });
      await eventually(
        'the command to begin',
        async () =>
          (await operator.exec('t', { command: 'cat /tmp/begun' })).json()['exitCode'] === 0,
      );
      proxy.cut();
      const broken = await running;
      expect(broken.status).toBeGreaterThanOrEqual(500);
      expect(operator.running()).toBe(true);
      await proxy.open();
      const after = await eventually('the thread to go on', async () => {
        const reply = await operator.exec('t', { command: 'cat file' });
        return reply.status === 200 ? reply.json() : undefined;
      });
      expect(after).toMatchObject({
        stdout: 'here\n',
        sandbox: first['sandbox'],
        leaseEpoch: first['leaseEpoch'],
      });
      await operator.warm(1);
    },
    PATIENCE_MS,
  );
});
