import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { createGateway, type Gateway } from '../../../src/gateway/create-gateway.js';
import { execReply, type GatewayWorld, gatewayWorld } from '../../support/gateway-world.js';

const EXEC = '/v1/namespaces/default/pools/python/threads/t1/exec';

const execText = (body: string): string =>
  [
    `POST ${EXEC} HTTP/1.1`,
    'host: localhost',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');

interface Deferred<A> {
  readonly promise: Promise<A>;
  readonly resolve: (value: A) => void;
}
const deferred = <A>(): Deferred<A> => {
  let resolve: (value: A) => void = () => undefined;
  const promise = new Promise<A>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

/** Reads until the text holds `part`. */
const reads = (socket: Socket, part: string): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes(part)) resolve(text);
    });
    socket.on('close', () => resolve(text));
  });

describe('connections', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  let port = 0;
  let url = '';
  beforeEach(async () => {
    world = gatewayWorld();
    gateway = await createGateway(world.deps);
    const listening = await gateway.listen({ host: '127.0.0.1', port: 0 });
    if (E.isLeft(listening)) throw new Error(listening.left.message);
    url = listening.right;
    port = Number(new URL(url).port);
  });
  afterEach(() => gateway.close(0));

  const open = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => undefined);
    });

  /** Commands that run until they are canceled. */
  const endless = () => {
    const began = deferred<void>();
    const canceled = deferred<void>();
    world.script = (_request, _sink, signal) => async () => {
      began.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      canceled.resolve();
      return E.left({ type: 'AcquireCanceled', message: 'the caller went away' });
    };
    return { began: began.promise, canceled: canceled.promise };
  };

  it.each(['{"command":"sleep"}', '{"command":"sleep","stream":true}'])(
    'cancel their command when the client goes away: %s',
    async (body) => {
      const command = endless();
      const socket = await open();
      socket.write(execText(body));
      await command.began;
      socket.destroy();
      await command.canceled;
    },
  );

  it('cancel a command that waits behind another on the same connection', async () => {
    const signals: AbortSignal[] = [];
    const both = deferred<void>();
    const gone = deferred<void>();
    world.script = (_request, _sink, signal) => async () => {
      signals.push(signal);
      if (signals.length === 2) both.resolve();
      await gone.promise;
      return E.left({ type: 'AcquireCanceled', message: 'gone' });
    };
    const socket = await open();
    socket.write(execText('{"command":"a"}') + execText('{"command":"b"}'));
    await both.promise;
    const aborted = Promise.all(
      signals.map(
        (signal) =>
          new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
      ),
    );
    socket.destroy();
    await aborted;
    gone.resolve();
  });

  it('do not cancel anything by being kept alive, and gather no listeners', async () => {
    const signals: AbortSignal[] = [];
    const counts: number[] = [];
    world.script = (identity, _sink, signal) => async () => {
      signals.push(signal);
      const lease = await world.deps.leases.acquire({ ...identity, renew: false })();
      return E.isLeft(lease) ? lease : E.right(execReply(lease.right.lease));
    };
    gateway.app.server.on('request', (incoming) =>
      counts.push(incoming.socket.listenerCount('close')),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 30; round += 1) {
      await new Promise<void>((resolve, reject) => {
        const sent = request(
          {
            port,
            host: '127.0.0.1',
            path: EXEC,
            method: 'POST',
            agent,
            headers: { 'content-type': 'application/json' },
          },
          (response) => response.resume().on('end', resolve),
        );
        sent.on('error', reject);
        sent.end('{"command":"x"}');
      });
    }
    agent.destroy();
    expect(signals.map((signal) => signal.aborted)).toEqual(
      Array.from({ length: 30 }, () => false),
    );
    expect(counts.at(-1)).toBe(counts[1]);
  });

  it('hold a command back while its client does not read, and let go when it leaves', async () => {
    const heldBack = deferred<void>();
    const ended = deferred<void>();
    let written = 0;
    world.script = (_request, sink, signal) => async () => {
      const chunk = Buffer.alloc(64 * 1024, 0x61);
      while (!signal.aborted) {
        const held = sink('stdout', chunk);
        written += chunk.length;
        if (held !== undefined && written > 1024 * 1024) heldBack.resolve();
        await held;
      }
      ended.resolve();
      return E.left({ type: 'AcquireCanceled', message: 'gone' });
    };
    const socket = await open();
    socket.pause();
    socket.write(execText('{"command":"yes","stream":true}'));
    await heldBack.promise;
    socket.destroy();
    await ended.promise;
    // the kernel's own buffers take some megabytes at most; without backpressure this would not end
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  it('answer what is no HTTP with a problem', async () => {
    const socket = await open();
    const answer = reads(socket, '}');
    socket.write('nonsense\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 400 [^]*urn:warmpool:problem:malformed-body/);
  });

  it('answer headers beyond measure with 431', async () => {
    const socket = await open();
    const answer = reads(socket, '}');
    socket.write(`GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 431 [^]*headers-too-large/);
  });

  it('refuse a body whose length does not fit', async () => {
    const socket = await open();
    const command = endless();
    void command;
    socket.end(
      `POST ${EXEC} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{`,
    );
    expect(await reads(socket, '}')).not.toMatch(/ 200 /);
  });

  it('are closed by close() when their request is answered', async () => {
    const began = deferred<void>();
    const mayEnd = deferred<void>();
    world.script = (identity) => async () => {
      began.resolve();
      await mayEnd.promise;
      const lease = await world.deps.leases.acquire({ ...identity, renew: false })();
      return E.isLeft(lease) ? lease : E.right(execReply(lease.right.lease));
    };
    const idle = await open();
    const busy = await open();
    const answer = reads(busy, '"exitCode":0');
    busy.write(execText('{"command":"x"}'));
    await began.promise;
    const closed = gateway.close(600_000);
    mayEnd.resolve();
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
    idle.destroy();
  });

  it('are cut by close() when the grace is over, which cancels their commands', async () => {
    const command = endless();
    const socket = await open();
    socket.write(execText('{"command":"sleep"}'));
    await command.began;
    await gateway.close(1);
    await command.canceled;
  });

  it('get 503 for requests that come while closing, and are closed then', async () => {
    const began = deferred<void>();
    const mayEnd = deferred<void>();
    world.script = () => async () => {
      began.resolve();
      await mayEnd.promise;
      return E.left({ type: 'ShellLost', message: 'over' });
    };
    const socket = await open();
    socket.write(execText('{"command":"x"}'));
    await began.promise;
    const closed = gateway.close(600_000);
    const answers = reads(socket, 'shutting down');
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
    const arrived = new Promise<void>((resolve) => {
      let requests = 0;
      gateway.app.server.on('request', () => {
        requests += 1;
        if (requests === 2) resolve();
      });
    });
    socket.write(get('/v1/pools') + get('/readyz'));
    await arrived;
    mayEnd.resolve();
    expect(await answers).toMatch(/ 502 [^]* 503 [^]*stopping/);
    await closed;
  });
});

describe('listening', () => {
  const withGateway = async (run: (gateway: Gateway) => Promise<void>, token?: string) => {
    const gateway = await createGateway(gatewayWorld(token === undefined ? {} : { token }).deps);
    try {
      await run(gateway);
    } finally {
      await gateway.close(0);
    }
  };

  it('says what to do about a port in use', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    await withGateway(async (gateway) => {
      expect(await gateway.listen({ host: '127.0.0.1', port })).toMatchObject({
        left: { type: 'ListenProblem', message: expect.stringMatching(/in use: .*--listen/) },
      });
    });
    other.close();
  });

  it('refuses addresses that others can reach, unless there is a token', async () => {
    await withGateway(async (gateway) => {
      expect(await gateway.listen({ host: '0.0.0.0', port: 0 })).toMatchObject({
        left: { message: expect.stringMatching(/WARMPOOL_TOKEN/) },
      });
    });
    await withGateway(async (gateway) => {
      expect(E.isRight(await gateway.listen({ host: '0.0.0.0', port: 0 }))).toBe(true);
    }, 'token');
  });

  it('serves a unix socket that only its owner may use, and takes the place of one left behind', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'warmpool-'));
    const path = join(directory, 'warmpool.sock');
    await withGateway(async (gateway) => {
      expect(await gateway.listen({ path })).toEqual(E.right(`unix:${path}`));
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const status = await new Promise((resolve, reject) => {
        request({ socketPath: path, path: '/v1/pools' }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
      expect(status).toBe(200);
      await withGateway(async (second) => {
        expect(await second.listen({ path })).toMatchObject({
          left: { message: expect.stringMatching(/in use/) },
        });
      });
      expect((await stat(path)).isSocket()).toBe(true);
    });
    await writeFile(path, 'a file');
    await withGateway(async (gateway) => {
      expect(E.isLeft(await gateway.listen({ path }))).toBe(true);
    });
    expect((await stat(path)).size).toBe(6);
    await rm(directory, { recursive: true });
  });
});
