import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGateway, type Gateway } from '../../../src/gateway/create-gateway.js';
import { type GatewayWorld, gatewayWorld } from '../../support/gateway-world.js';
import { inject } from '../../support/inject.js';

const EXEC = 'POST /v1/namespaces/default/pools/python/threads/t1/exec';

describe('requests', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  beforeEach(async () => {
    world = gatewayWorld();
    gateway = await createGateway(world.deps);
  });
  afterEach(() => gateway.close(0));

  it.each([
    'GET /nowhere',
    'PATCH /',
    'POST /v1',
    'GET /V1/pools',
    'GET //v1/pools',
    'GET /v1/pools/',
  ])('answers 404 for %s', async (target) => {
    const reply = await inject(gateway, target);
    expect([reply.status, reply.json.type]).toEqual([404, 'urn:warmpool:problem:not-found']);
  });

  it('answers 404 for an unknown path before it looks at the body', async () => {
    const reply = await inject(gateway, 'POST /nowhere', {
      rawBody: '{',
      headers: { 'content-type': 'text/plain' },
    });
    expect(reply.status).toBe(404);
  });

  it.each([
    ['GET /v1/namespaces/default/pools/python/threads/t1/exec', 'POST'],
    ['PATCH /v1/namespaces/default/pools/python/threads/t1/lease', 'DELETE, GET, HEAD, PUT'],
    ['OPTIONS /v1/pools', 'GET, HEAD'],
    ['DELETE /metrics', 'GET, HEAD'],
  ])('answers 405 for %s and says what there is', async (target, allow) => {
    const reply = await inject(gateway, target, { rawBody: '{' });
    expect([reply.status, reply.headers['allow']]).toEqual([405, allow]);
    expect(reply.json.type).toBe('urn:warmpool:problem:method-not-allowed');
  });

  it.each([
    ['broken JSON', '{"command":'],
    ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ])('answers 400 for %s', async (_what, rawBody) => {
    const reply = await inject(gateway, EXEC, { rawBody });
    expect([reply.status, reply.json.type]).toEqual([400, 'urn:warmpool:problem:malformed-body']);
  });

  it('answers 413 for a body beyond the limit', async () => {
    const reply = await inject(gateway, EXEC, {
      rawBody: Buffer.alloc(24 * 1024 * 1024 + 1, 0x20),
    });
    expect([reply.status, reply.json.type]).toEqual([413, 'urn:warmpool:problem:body-too-large']);
  });

  it('takes 16 MiB of stdin', async () => {
    const stdin = Buffer.alloc(16 * 1024 * 1024, 1).toString('base64');
    expect((await inject(gateway, EXEC, { body: { command: 'x', stdin } })).status).toBe(200);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense', 'application/json5'])(
    'answers 415 for %s',
    async (type) => {
      const reply = await inject(gateway, EXEC, {
        rawBody: '{}',
        headers: { 'content-type': type },
      });
      expect([reply.status, reply.json.type]).toEqual([
        415,
        'urn:warmpool:problem:unsupported-media-type',
      ]);
    },
  );

  it('takes JSON with a charset', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const reply = await inject(gateway, EXEC, { rawBody: '{"command":"x"}', headers });
    expect(reply.status).toBe(200);
  });

  it('never takes an encoded slash for the border between namespace and pool', async () => {
    const reply = await inject(gateway, 'GET /v1/namespaces/default%2Fpython/pools/x');
    expect(reply.status).toBe(404);
    expect((await inject(gateway, 'GET /v1/namespaces/..%2F/pools/..')).status).toBe(404);
  });
});
