import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { Gateway } from '../../../src/gateway/create-gateway.js';
import { deferred } from '../../support/deferred.js';
import { execReply, type GatewayWorld, gatewayWorld } from '../../support/gateway-world.js';
import {
  endlessCommands,
  execText,
  listeningGateway,
  reads,
} from '../../support/listening-gateway.js';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;

describe('close()', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  let open: () => Promise<Socket>;
  beforeEach(async () => {
    world = gatewayWorld();
    ({ gateway, open } = await listeningGateway(world));
  });
  afterEach(() => gateway.close(0));

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
    const command = endlessCommands(world);
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
