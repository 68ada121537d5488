import { describe, expect, it } from '@jest/globals';
import { createGateway } from '../../../src/gateway/create-gateway.js';
import { gatewayWorld } from '../../support/gateway-world.js';
import { inject } from '../../support/inject.js';

const PATHS = [
  'GET /v1/pools',
  'GET /metrics',
  'GET /openapi.json',
  'GET /nowhere',
  'GET //healthz',
  'GET /HEALTHZ',
  'GET /healthz/',
  'GET /healthz%2f..%2fmetrics',
  'GET /healthz/../metrics',
  'GET /metrics?/healthz',
  'GET /metrics;/healthz',
  'GET /%6detrics',
  'PATCH /v1/pools',
  'POST /v1/namespaces/default/pools/python/threads/t/exec',
];

describe('a gateway with a token', () => {
  const gateway = createGateway(gatewayWorld({ token: 's3cret' }).deps);

  it.each(PATHS)('asks for it at %s', async (target) => {
    const reply = await inject(await gateway, target, { headers: { host: 'evil.example' } });
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(reply.json.type).toBe('urn:warmpool:problem:unauthorized');
  });

  it.each(['GET /healthz', 'GET /readyz', 'GET /%68ealthz', 'GET /healthz?x=1'])(
    'answers probes without it: %s',
    async (target) => {
      expect((await inject(await gateway, target)).status).toBe(200);
    },
  );

  it.each(['Bearer s3cret ', 'bearer s3cret', 'BEARER  s3cret'])(
    'takes "%s"',
    async (authorization) => {
      const reply = await inject(await gateway, 'GET /v1/pools', { headers: { authorization } });
      expect(reply.status).toBe(200);
    },
  );

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer s3cre',
    'Bearer s3cret x',
    'Basic s3cret',
    's3cret',
    'Bearer S3CRET',
  ])('refuses "%s"', async (authorization) => {
    const reply = await inject(await gateway, 'GET /v1/pools', { headers: { authorization } });
    expect(reply.status).toBe(401);
  });

  it('serves any Host to who has it', async () => {
    const headers = { authorization: 'Bearer s3cret', host: 'warmpool.example' };
    expect((await inject(await gateway, 'GET /v1/pools', { headers })).status).toBe(200);
  });
});

describe('a gateway without a token', () => {
  const gateway = createGateway(gatewayWorld().deps);

  it.each(['localhost', 'localhost:7070', '127.0.0.1:1', '[::1]:7070', 'LOCALHOST'])(
    'serves the host %s',
    async (host) => {
      expect((await inject(await gateway, 'GET /v1/pools', { headers: { host } })).status).toBe(
        200,
      );
    },
  );

  it.each(['evil.example', 'localhost.evil.example:7070', '127.0.0.1.evil.example', '10.0.0.1'])(
    'refuses the host %s, which may be a name that a stranger made to mean this machine',
    async (host) => {
      const reply = await inject(await gateway, 'GET /v1/pools', { headers: { host } });
      expect([reply.status, reply.json.type]).toEqual([403, 'urn:warmpool:problem:forbidden']);
    },
  );

  it.each(['https://evil.example', 'null', 'http://localhost:1234'])(
    'refuses requests of web pages of %s',
    async (origin) => {
      const headers = { host: 'localhost:7070', origin };
      const target = 'POST /v1/namespaces/default/pools/python/threads/t/exec';
      expect(
        (await inject(await gateway, target, { headers, body: { command: 'x' } })).status,
      ).toBe(403);
    },
  );

  it('serves a page of its own', async () => {
    const headers = { host: 'localhost:7070', origin: 'http://localhost:7070' };
    expect((await inject(await gateway, 'GET /v1/pools', { headers })).status).toBe(200);
  });
});
