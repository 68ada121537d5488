import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { createGateway, type Gateway } from '../../../../src/gateway/create-gateway.js';
import { gatewayWorld } from '../../../support/gateway-world.js';
import { rawRequest } from '../../../support/raw-request.js';

describe('thread names in paths', () => {
  let gateway: Gateway;
  let url = '';
  beforeAll(async () => {
    gateway = await createGateway(gatewayWorld().deps);
    const listening = await gateway.listen({ host: '127.0.0.1', port: 0 });
    if (E.isLeft(listening)) throw new Error(listening.left.message);
    url = listening.right;
  });
  afterAll(() => gateway.close(0));

  const lease = (thread: string) =>
    rawRequest(url, 'PUT', `/v1/namespaces/default/pools/python/threads/${thread}/lease`);

  it.each([
    '.',
    '..',
    '%2E',
    '%2e%2E',
    '%2F',
    'a%2Fb',
    '..%2f..%2fetc',
    '%00',
    '%25',
    '%252E',
    '%25%32%46',
    '%3F%23',
    'a;b',
    '*',
    '%F0%9F%90%8D',
  ])('takes %s as a thread, as it is', async (thread) => {
    const reply = await lease(thread);
    expect([200, 201]).toContain(reply.status);
    expect(reply.json.thread).toBe(decodeURIComponent(thread));
  });

  it('takes every Unicode string of 1 to 256 bytes', async () => {
    const threads = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 64 })
      .filter((thread) => Buffer.byteLength(thread) <= 256);
    await fc.assert(
      fc.asyncProperty(threads, async (thread) => {
        const reply = await lease(encodeURIComponent(thread));
        expect(reply.json.thread).toBe(thread);
      }),
      { numRuns: 150 },
    );
  });

  it.each(['%', '%zz', 'a%2', '%ff', '%c0%af', '%ed%a0%80', 'caf\u00c3\u00a9', 'a#b'])(
    'refuses %s: it is no percent-encoded UTF-8',
    async (thread) => {
      expect((await lease(thread)).status).toBe(400);
    },
  );

  it('measures in bytes', async () => {
    expect((await lease(encodeURIComponent('é'.repeat(128)))).status).toBe(201);
    const long = await lease(encodeURIComponent(`${'é'.repeat(128)}a`));
    expect([long.status, long.json.errors?.[0]?.path]).toEqual([400, 'thread']);
    expect((await lease('')).status).toBe(400);
    expect((await lease('x'.repeat(2000))).status).toBe(414);
  });
});
