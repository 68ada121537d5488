import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { Gateway } from '../../../src/gateway/create-gateway.js';
import { deferred } from '../../support/deferred.js';
import { execReply, type GatewayWorld, gatewayWorld } from '../../support/gateway-world.js';
import {
  EXEC_PATH,
  endlessCommands,
  execText,
  listeningGateway,
} from '../../support/listening-gateway.js';

describe('a connection', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  let url = '';
  let open: () => Promise<Socket>;
  beforeEach(async () => {
    world = gatewayWorld();
    ({ gateway, url, open } = await listeningGateway(world));
  });
  afterEach(() => gateway.close(0));

  it.each(['{"command":"sleep"}', '{"command":"sleep","stream":true}'])(
    'cancel their command when the client goes away: %s',
    async (body) => {
      const command = endlessCommands(world);
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

  it('cancel every one of many commands that were sent ahead', async () => {
    const count = 24;
    const all = deferred<void>();
    const canceled: Promise<void>[] = [];
    world.script = (_request, _sink, signal) => async () => {
      const gone = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve()),
      );
      canceled.push(gone);
      if (canceled.length === count) all.resolve();
      await gone;
      return E.left({ type: 'AcquireCanceled', message: 'gone' });
    };
    const socket = await open();
    socket.write(execText('{"command":"a"}').repeat(count));
    await all.promise;
    socket.destroy();
    await Promise.all(canceled);
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
            port: new URL(url).port,
            host: '127.0.0.1',
            path: EXEC_PATH,
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
});
