import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { createClient, type WarmpoolClient } from '../../../src/client/warmpool-client.js';
import { createGateway, type Gateway } from '../../../src/gateway/create-gateway.js';
import { failsWith, type GatewayWorld, gatewayWorld, prints } from '../../support/gateway-world.js';
import { endlessCommands, listeningGateway } from '../../support/listening-gateway.js';

const PYTHON = { namespace: 'default', pool: 'python' };
const T1 = { ...PYTHON, thread: 't1' };

const serverThat = (
  answer: string,
  contentType: string,
): Promise<{ server: Server; url: string }> =>
  new Promise((resolve) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': contentType });
      response.end(answer);
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ server, url: `http://127.0.0.1:${port}` });
    });
  });

/** Output in pieces of seven bytes, which cut characters apart. */
const cut = (buffer: Buffer) =>
  Array.from(
    { length: Math.ceil(buffer.length / 7) },
    (_, index) => ['stdout' as const, buffer.subarray(index * 7, index * 7 + 7)] as const,
  );

describe('the client', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  let client: WarmpoolClient;
  beforeEach(async () => {
    world = gatewayWorld();
    const listening = await listeningGateway(world);
    gateway = listening.gateway;
    client = createClient({ url: listening.url });
  });
  afterEach(async () => {
    await client.close();
    await gateway.close(0);
  });

  it('runs a command and gives its output and exit', async () => {
    world.script = prints(
      world,
      [
        ['stdout', 'hi'],
        ['stderr', 'oh'],
      ],
      { exitCode: 4 },
    );
    expect(await client.execute({ ...T1, command: 'x' })()).toMatchObject({
      right: {
        exitCode: 4,
        stdout: 'hi',
        stderr: 'oh',
        encoding: 'utf8',
        sandbox: 'python-1',
        leaseEpoch: 1,
      },
    });
  });

  it('sends stdin as bytes', async () => {
    world.script = (request, sink) => async () => {
      await sink('stdout', Buffer.from(request.stdin ?? []));
      return E.left({ type: 'ShellLost', message: 'after output' });
    };
    const seen: Buffer[] = [];
    const stdin = Buffer.from([0, 1, 255]);
    await client.executeStream(
      { ...T1, command: 'cat', stdin },
      (_output, bytes) => void seen.push(bytes),
    )();
    expect(Buffer.concat(seen)).toEqual(stdin);
  });

  it('hands streamed output over byte for byte, whatever the bytes are', async () => {
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7) % 256));
    const text = Buffer.from('grüße, 世界 🐍\n'.repeat(500));
    world.script = prints(world, [...cut(text), ...cut(bytes)]);
    const seen: Buffer[] = [];
    const exit = await client.executeStream(
      { ...T1, command: 'x' },
      (_output, chunk) => void seen.push(chunk),
    )();
    expect(exit).toMatchObject({ right: { exitCode: 0, timedOut: false } });
    expect(Buffer.concat(seen).equals(Buffer.concat([text, bytes]))).toBe(true);
  });

  it('keeps its connection through streams', async () => {
    const ports = new Set<number | undefined>();
    gateway.app.server.on('connection', (socket) => ports.add(socket.remotePort));
    for (let round = 0; round < 5; round += 1) {
      await client.executeStream({ ...T1, command: 'x' }, () => undefined)();
      await client.execute({ ...T1, command: 'x' })();
    }
    // undici may open a second before the first is free again, but never one per stream
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('gives refusals as problems, also those in the middle of a stream', async () => {
    world.script = failsWith({
      type: 'QueueFull',
      message: 'full',
      queueLength: 1,
      retryAfterSeconds: 3,
    });
    expect(await client.execute({ ...T1, command: 'x' })()).toMatchObject({
      left: {
        type: 'Problem',
        status: 429,
        retryAfterSeconds: 3,
        problem: { type: 'urn:warmpool:problem:queue-full' },
      },
    });
    world.script = failsWith({ type: 'ShellLost', message: 'broke' }, 'partial');
    expect(await client.executeStream({ ...T1, command: 'x' }, () => undefined)()).toMatchObject({
      left: { type: 'Problem', status: 502, message: 'broke' },
    });
  });

  it('hears that a body is too large, instead of a broken connection', async () => {
    const stdin = Buffer.alloc(20 * 1024 * 1024);
    expect(await client.execute({ ...T1, command: 'cat', stdin })()).toMatchObject({
      left: { type: 'Problem', status: 413 },
    });
  });

  it('names what is wrong with a request', async () => {
    expect(await client.execute({ ...T1, command: '' })()).toMatchObject({
      left: { problem: { errors: [{ path: 'command', message: 'must not be empty' }] } },
    });
  });

  it('cancels the command when its signal aborts', async () => {
    const command = endlessCommands(world);
    const controller = new AbortController();
    const reply = client.executeStream({ ...T1, command: 'x' }, () => undefined, controller)();
    await command.began;
    controller.abort();
    expect(await reply).toMatchObject({ left: { type: 'Aborted' } });
    await command.canceled;
  });

  it.each(['.', '..', '...', '/', 'a/../b', '%2F', 'ä ö?#&', '🐍', '\n\0', ' '])(
    'reaches the thread named %j',
    async (thread) => {
      const acquired = await client.acquire({ ...PYTHON, thread })();
      expect(acquired).toMatchObject({ right: { created: true, lease: { thread } } });
      expect(await client.lease({ ...PYTHON, thread })()).toMatchObject({ right: { thread } });
      expect(await client.release({ ...PYTHON, thread })()).toEqual(E.right(true));
      expect(await client.release({ ...PYTHON, thread })()).toEqual(E.right(false));
    },
  );

  it('refuses a name that no URL can hold', async () => {
    expect(await client.lease({ ...PYTHON, thread: '\ud800' })()).toMatchObject({
      left: { type: 'Problem', status: 400 },
    });
  });

  it('renews with labels and a duration, and releases by epoch', async () => {
    const labels = { user: 'ada' };
    await client.acquire({ ...T1, durationSeconds: 9, labels })();
    expect(world.acquired).toMatchObject([{ durationSeconds: 9, labels, thread: 't1' }]);
    expect(await client.acquire(T1)()).toMatchObject({ right: { created: false } });
    expect(await client.release({ ...T1, epoch: 99 })()).toMatchObject({ left: { status: 409 } });
  });

  it('lists what there is', async () => {
    await client.acquire(T1)();
    expect(await client.pools()()).toMatchObject({ right: [{}, {}] });
    expect(await client.pools('other')()).toMatchObject({
      right: [{ metadata: { name: 'node' } }],
    });
    expect(await client.pool(PYTHON)()).toMatchObject({ right: { spec: { replicas: 2 } } });
    expect(await client.sandboxes(PYTHON)()).toMatchObject({ right: [{ thread: 't1' }, {}] });
    expect(await client.leases(PYTHON)()).toMatchObject({
      right: { queueLength: 4, items: [{ epoch: 1 }] },
    });
    expect(await client.timeline(PYTHON, 'python-1')()).toMatchObject({
      right: [{ phase: 'Creating' }, {}],
    });
    expect(await client.pool({ ...PYTHON, pool: 'nope' })()).toMatchObject({
      left: { status: 404 },
    });
  });

  it('tells readiness and the reasons against it', async () => {
    expect(await client.ready()).toEqual(E.right(undefined));
    world.ready = false;
    expect(await client.ready()).toMatchObject({
      left: { status: 503, problem: { reasons: ['engine is down'] } },
    });
  });
});

describe('a client', () => {
  it('presents its token', async () => {
    const { gateway, url } = await listeningGateway(gatewayWorld({ token: 's3cret' }));
    const known = createClient({ url, token: 's3cret' });
    const stranger = createClient({ url });
    expect(E.isRight(await known.pools()())).toBe(true);
    expect(await stranger.pools()()).toMatchObject({ left: { type: 'Problem', status: 401 } });
    await Promise.all([known.close(), stranger.close(), gateway.close(0)]);
  });

  it('talks over a unix socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'warmpool-'));
    const path = join(directory, 'w.sock');
    const gateway = await createGateway(gatewayWorld().deps);
    await gateway.listen({ path });
    for (const options of [
      { url: `unix:${path}` },
      { url: 'http://localhost', unixSocket: path },
    ]) {
      const client = createClient(options);
      expect(await client.pools()()).toMatchObject({ right: [{}, {}] });
      await client.close();
    }
    await gateway.close(0);
    await rm(directory, { recursive: true });
  });

  it('says that nobody is there', async () => {
    const { gateway, url } = await listeningGateway(gatewayWorld());
    await gateway.close(0);
    const client = createClient({ url });
    expect(await client.pools()()).toMatchObject({
      left: {
        type: 'Unreachable',
        message: expect.stringContaining(`cannot reach warmpool at ${url}`),
      },
    });
    await client.close();
  });

  it('never takes a stream that was cut off for a command that ended', async () => {
    const { server, url } = await serverThat('{"stdout":"half"}\n', 'application/x-ndjson');
    const client = createClient({ url });
    expect(await client.executeStream({ ...T1, command: 'x' }, () => undefined)()).toMatchObject({
      left: {
        type: 'Unreachable',
        message: expect.stringContaining('before the end of the command'),
      },
    });
    await client.close();
    server.close();
  });

  it('tells another server from warmpool', async () => {
    const { server, url } = await serverThat('<html>', 'text/html');
    const client = createClient({ url });
    expect(await client.pools()()).toMatchObject({ left: { type: 'UnexpectedReply' } });
    expect(await client.execute({ ...T1, command: 'x' })()).toMatchObject({
      left: { type: 'UnexpectedReply' },
    });
    await client.close();
    server.close();
  });
});
