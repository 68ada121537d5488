import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import {
  askEngine,
  type EngineAddress,
  engineAddress,
  pingEngine,
} from '../../../src/setup/engine-http.js';

let directory = '';
let server: Server | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'warmpool-test-'));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(directory, { recursive: true, force: true });
});

const socketAddress = (): EngineAddress => {
  const address = engineAddress({ DOCKER_HOST: `unix://${directory}/engine.sock` });
  if (E.isLeft(address)) throw new Error(address.left.message);
  return address.right;
};

const listen = async (handler: RequestListener): Promise<EngineAddress> => {
  const started = createServer(handler);
  server = started;
  await new Promise<void>((resolve) => {
    started.listen(join(directory, 'engine.sock'), resolve);
  });
  return socketAddress();
};

describe('engineAddress', () => {
  it('understands sockets', () => {
    expect(engineAddress({ DOCKER_HOST: 'unix:///run/docker.sock' })).toMatchObject(
      E.right({ host: 'unix:///run/docker.sock', socketPath: '/run/docker.sock', tls: false }),
    );
  });

  it('understands tcp, with names, numbers and IPv6', () => {
    expect(engineAddress({ DOCKER_HOST: 'tcp://engine:2375' })).toMatchObject(
      E.right({ connection: { host: 'engine', port: 2375 }, tls: false }),
    );
    expect(engineAddress({ DOCKER_HOST: 'tcp://[::1]:2375' })).toMatchObject(
      E.right({ connection: { host: '::1', port: 2375 } }),
    );
  });

  it('refuses what it does not understand, and says why', () => {
    expect(engineAddress({ DOCKER_HOST: 'ssh://host' })).toMatchObject(
      E.left({ type: 'SetupFailed', message: expect.stringContaining('ssh') }),
    );
  });
});

describe('pingEngine', () => {
  it('tells an engine that answers', async () => {
    const address = await listen((_request, response) => response.end('OK'));
    expect(await pingEngine(address)).toEqual({ type: 'answers' });
  });

  it('tells a socket that is not there, or that nobody listens on, from one that is no use', async () => {
    expect(await pingEngine(socketAddress())).toEqual({ type: 'nobody' });
    const address = await listen(() => undefined);
    expect(await pingEngine(address, 50)).toMatchObject({ type: 'silent' });
  });

  it('does not take an error for an engine', async () => {
    const address = await listen((_request, response) => response.writeHead(502).end());
    expect(await pingEngine(address)).toMatchObject({ type: 'silent' });
  });
});

describe('askEngine', () => {
  it('sends JSON and gives status and body back, errors included', async () => {
    const address = await listen((request, response) => {
      request.pipe(response.writeHead(409, { 'X-Method': String(request.method) }));
    });
    const answer = await askEngine(address, {
      method: 'POST',
      path: '/containers/create',
      body: { json: { Image: 'x' } },
      signal: AbortSignal.timeout(5_000),
    })();
    expect(answer).toEqual(E.right({ status: 409, body: Buffer.from('{"Image":"x"}') }));
  });

  it('fails, and does not hang, when the engine dies in the middle of its answer', async () => {
    const address = await listen((_request, response) => {
      response.write('half');
      setImmediate(() => response.destroy());
    });
    const answer = await askEngine(address, {
      method: 'GET',
      path: '/info',
      signal: AbortSignal.timeout(5_000),
    })();
    expect(answer).toMatchObject(E.left({ type: 'SetupFailed' }));
  });
});
