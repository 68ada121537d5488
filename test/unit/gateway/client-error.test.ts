import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Gateway } from '../../../src/gateway/create-gateway.js';
import { type GatewayWorld, gatewayWorld } from '../../support/gateway-world.js';
import {
  EXEC_PATH,
  endlessCommands,
  listeningGateway,
  reads,
} from '../../support/listening-gateway.js';

describe('what is no proper request', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  let open: () => Promise<Socket>;
  beforeEach(async () => {
    world = gatewayWorld();
    ({ gateway, open } = await listeningGateway(world));
  });
  afterEach(() => gateway.close(0));

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
    const command = endlessCommands(world);
    void command;
    socket.end(
      `POST ${EXEC_PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{`,
    );
    expect(await reads(socket, '}')).not.toMatch(/ 200 /);
  });
});
