import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import { sendPieces } from '../../../src/gateway/send-pieces.js';
import { deferred } from '../../support/deferred.js';

function* endless(): Generator<string> {
  for (;;) yield 'x'.repeat(10_000);
}

describe('a body in pieces', () => {
  let app: FastifyInstance;
  let url: string;
  let done: ReturnType<typeof deferred<void>>;
  let body: () => Iterator<string>;
  beforeEach(async () => {
    app = fastify({ forceCloseConnections: true });
    done = deferred<void>();
    app.get('/', (_request, reply) => sendPieces(reply, body(), () => done.resolve()));
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterEach(() => app.close());

  it('is let go of when it has been written', async () => {
    body = () => ['a', '€', 'c'].values();
    expect(await (await fetch(url)).text()).toBe('a€c');
    await done.promise;
  });

  it('is made no faster than the client reads, and let go of when it leaves', async () => {
    const pieces = endless();
    let made = 0;
    body = () => ({
      next: () => {
        made += 1;
        return pieces.next();
      },
    });
    const leave = new AbortController();
    const reply = await fetch(url, { signal: leave.signal });
    expect(reply.ok).toBe(true);
    leave.abort();
    await done.promise;
    // what fits into the buffers of two sockets, and no more
    expect(made * 10_000).toBeLessThan(100_000_000);
  });
});
