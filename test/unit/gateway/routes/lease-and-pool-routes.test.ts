import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGateway, type Gateway } from '../../../../src/gateway/create-gateway.js';
import { type GatewayWorld, gatewayWorld } from '../../../support/gateway-world.js';
import { inject } from '../../../support/inject.js';

const POOL = '/v1/namespaces/default/pools/python';
const LEASE = `${POOL}/threads/t1/lease`;
const UNKNOWN = 'urn:warmpool:problem:pool-unknown';

describe('the HTTP interface', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  beforeEach(async () => {
    world = gatewayWorld({
      progress: ({ name }) => (name === 'node' ? 'pulling node:24' : undefined),
    });
    gateway = await createGateway(world.deps);
  });
  afterEach(() => gateway.close(0));

  it('makes a lease with 201, and renews it with 200', async () => {
    const body = { durationSeconds: 60, labels: { 'example.com/user': 'ada' } };
    const made = await inject(gateway, `PUT ${LEASE}`, { body });
    expect(made.status).toBe(201);
    expect(made.json).toEqual({
      pool: 'python',
      namespace: 'default',
      tenant: 'default',
      thread: 't1',
      sandbox: 'python-1',
      epoch: 1,
      acquiredAt: '2030-01-02T03:04:05.000Z',
      expiresAt: '2030-01-02T04:04:05.000Z',
      lastActiveAt: '2030-01-02T03:04:05.000Z',
      labels: { 'example.com/user': 'ada' },
      phase: 'Bound',
    });
    expect((await inject(gateway, `PUT ${LEASE}`)).status).toBe(200);
    expect(world.acquired).toMatchObject([{ ...body, renew: true }, { renew: true }]);
  });

  it.each([
    [{ env: {} }, 'env'],
    [{ durationSeconds: 0 }, 'durationSeconds'],
    [{ durationSeconds: 1e12 }, 'durationSeconds'],
    [{ labels: { 'a b': 'c' } }, 'labels'],
    [{ labels: { a: 'ä' } }, 'labels'],
    [{ labels: { a: 'x'.repeat(64) } }, 'labels'],
  ])('refuses the lease body %j', async (body, path) => {
    const reply = await inject(gateway, `PUT ${LEASE}`, { body });
    expect([reply.status, reply.json.errors?.[0]?.path]).toEqual([400, path]);
  });

  it('answers 429 and 503 with Retry-After', async () => {
    world.refusal = { type: 'QueueFull', message: 'full', queueLength: 100, retryAfterSeconds: 7 };
    const full = await inject(gateway, `PUT ${LEASE}`);
    expect([full.status, full.headers['retry-after'], full.json.queueLength]).toEqual([
      429,
      '7',
      100,
    ]);
  });

  it('shows a lease, and answers 410 where there is none', async () => {
    expect((await inject(gateway, `GET ${LEASE}`)).json.type).toBe(
      'urn:warmpool:problem:lease-gone',
    );
    await inject(gateway, `PUT ${LEASE}`);
    expect((await inject(gateway, `GET ${LEASE}`)).json).toMatchObject({ thread: 't1', epoch: 1 });
    await inject(gateway, `DELETE ${LEASE}`);
    expect((await inject(gateway, `GET ${LEASE}`)).status).toBe(410);
  });

  it('releases with 204, also when there is nothing to release', async () => {
    await inject(gateway, `PUT ${LEASE}`);
    const first = await inject(gateway, `DELETE ${LEASE}`);
    expect([first.status, first.headers['warmpool-released'], first.text]).toEqual([
      204,
      'true',
      '',
    ]);
    const second = await inject(gateway, `DELETE ${LEASE}`);
    expect([second.status, second.headers['warmpool-released']]).toEqual([204, 'false']);
  });

  it('releases only the lease of the epoch that was named', async () => {
    await inject(gateway, `PUT ${LEASE}`);
    expect((await inject(gateway, `DELETE ${LEASE}?epoch=2`)).status).toBe(409);
    for (const query of ['epoch=', 'epoch=-1', 'epoch=x', 'epoch=1&epoch=1', 'epok=1']) {
      expect((await inject(gateway, `DELETE ${LEASE}?${query}`)).status).toBe(400);
    }
    expect((await inject(gateway, `DELETE ${LEASE}?epoch=1`)).status).toBe(204);
  });

  it.each([
    `GET ${POOL}x`,
    `GET ${POOL}x/sandboxes`,
    `GET ${POOL}x/leases`,
    `GET ${POOL}x/threads/t/lease`,
    `PUT ${POOL}x/threads/t/lease`,
    `DELETE ${POOL}x/threads/t/lease`,
    'GET /v1/namespaces/UPPER/pools/python',
    'GET /v1/namespaces/__proto__/pools/constructor',
  ])('answers 404 for the unknown pool of %s', async (target) => {
    const reply = await inject(gateway, target);
    expect([reply.status, reply.json.type]).toEqual([404, UNKNOWN]);
  });

  it('lists the pools of a namespace, and of all', async () => {
    const one = await inject(gateway, 'GET /v1/namespaces/other/pools');
    expect(one.json).toMatchObject({
      kind: 'SandboxPoolList',
      items: [
        {
          kind: 'SandboxPool',
          metadata: {
            name: 'node',
            namespace: 'other',
            generation: 3,
            annotations: { 'warmpool.dev/progress': 'pulling node:24' },
          },
          spec: { replicas: 2 },
          status: { readyReplicas: 1 },
        },
      ],
    });
    const all = await inject(gateway, 'GET /v1/pools');
    expect(all.json.items).toMatchObject([
      { metadata: { name: 'python' } },
      { metadata: { name: 'node' } },
    ]);
    expect((await inject(gateway, 'GET /v1/namespaces/empty/pools')).json.items).toEqual([]);
  });

  it('shows a pool', async () => {
    const { status, json } = await inject(gateway, `GET ${POOL}`);
    expect([status, json.metadata?.name]).toEqual([200, 'python']);
    expect(json.metadata ?? {}).not.toHaveProperty('annotations');
  });

  it('lists sandboxes with the thread that holds them', async () => {
    await inject(gateway, `PUT ${LEASE}`);
    const { json } = await inject(gateway, `GET ${POOL}/sandboxes`);
    expect(json.items).toHaveLength(2);
    expect(json.items?.[0]).toEqual({
      name: 'python-1',
      uid: 'uid-python-1',
      pool: 'python',
      namespace: 'default',
      phase: 'Ready',
      templateHash: '0123456789',
      createdAt: '2030-01-02T03:03:05.000Z',
      leases: 0,
      thread: 't1',
    });
    expect(json.items?.[1]).not.toHaveProperty('thread');
  });

  it('lists leases and the length of the queue', async () => {
    await inject(gateway, `PUT ${LEASE}`);
    const { json } = await inject(gateway, `GET ${POOL}/leases`);
    expect(json).toMatchObject({ items: [{ thread: 't1' }], queueLength: 4 });
  });

  it("never shows another tenant's leases", async () => {
    await inject(gateway, `PUT ${LEASE}`);
    const other = await createGateway({ ...world.deps, tenant: 'other' });
    expect((await inject(other, `GET ${POOL}/leases`)).json.items).toEqual([]);
    expect((await inject(other, `GET ${POOL}/sandboxes`)).text).not.toContain('t1');
    expect((await inject(other, `GET ${LEASE}`)).status).toBe(410);
    await other.close(0);
  });

  it('tells the timeline of a sandbox', async () => {
    const { json } = await inject(gateway, `GET ${POOL}/sandboxes/python-1/timeline`);
    expect(json.items).toEqual([
      { at: '2030-01-02T03:03:05.000Z', phase: 'Creating' },
      { at: '2030-01-02T03:03:06.000Z', phase: 'Ready', detail: 'warm' },
    ]);
    const unknown = await inject(gateway, `GET ${POOL}/sandboxes/python-9/timeline`);
    expect([unknown.status, unknown.json.type]).toEqual([
      404,
      'urn:warmpool:problem:sandbox-unknown',
    ]);
  });

  it('answers probes', async () => {
    expect((await inject(gateway, 'GET /healthz')).json).toEqual({
      status: 'ok',
      version: '1.2.3',
    });
    expect((await inject(gateway, 'GET /readyz')).json).toEqual({ ready: true });
    world.ready = false;
    const reply = await inject(gateway, 'GET /readyz');
    expect([reply.status, reply.json.reasons]).toEqual([503, ['engine is down']]);
  });

  it('shows figures', async () => {
    const reply = await inject(gateway, 'GET /metrics');
    expect([reply.headers['content-type'], reply.text]).toEqual([
      'text/plain; version=0.0.4; charset=utf-8',
      'warmpool_up 1\n',
    ]);
  });

  it('describes every route it serves in its OpenAPI document', async () => {
    const { json } = await inject(gateway, 'GET /openapi.json');
    const served = new Set<string>();
    const document = new Set<string>();
    for (const [path, operations] of Object.entries(json.paths ?? {})) {
      for (const method of Object.keys(operations)) document.add(`${method.toUpperCase()} ${path}`);
    }
    for (const method of ['GET', 'PUT', 'POST', 'DELETE'] as const) {
      for (const path of Object.keys(json.paths ?? {})) {
        const url = path.replace(/\{([a-z]+)\}/g, ':$1');
        const { status } = await inject(gateway, `${method} ${url}`);
        if (status !== 405) served.add(`${method} ${path}`);
      }
    }
    expect(served).toEqual(document);
    expect([...document].toSorted()).toEqual([
      'DELETE /v1/namespaces/{namespace}/pools/{pool}/threads/{thread}/lease',
      'GET /healthz',
      'GET /metrics',
      'GET /openapi.json',
      'GET /readyz',
      'GET /v1/namespaces/{namespace}/pools',
      'GET /v1/namespaces/{namespace}/pools/{pool}',
      'GET /v1/namespaces/{namespace}/pools/{pool}/leases',
      'GET /v1/namespaces/{namespace}/pools/{pool}/sandboxes',
      'GET /v1/namespaces/{namespace}/pools/{pool}/sandboxes/{sandbox}/timeline',
      'GET /v1/namespaces/{namespace}/pools/{pool}/threads/{thread}/lease',
      'GET /v1/pools',
      'POST /v1/namespaces/{namespace}/pools/{pool}/threads/{thread}/exec',
      'PUT /v1/namespaces/{namespace}/pools/{pool}/threads/{thread}/lease',
    ]);
    const exec =
      json.paths?.['/v1/namespaces/{namespace}/pools/{pool}/threads/{thread}/exec']?.post;
    expect(exec?.requestBody?.content?.['application/json']?.schema?.required).toEqual(['command']);
  });
});
