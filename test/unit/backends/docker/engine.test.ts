import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { createEngine } from '../../../../src/backends/docker/engine.js';
import { toBackendError } from '../../../../src/backends/docker/errors.js';
import { systemClock } from '../../../../src/runtime/system-clock.js';
import { stubEngine } from './stub-engine.js';

const problem = async (result: Promise<E.Either<unknown, unknown>>) => {
  const settled = await result;
  if (E.isLeft(settled)) return settled.left;
  throw new Error('did not fail');
};

describe('createEngine', () => {
  it('says that an engine is not there', async () => {
    const endpoint = { kind: 'unix', socketPath: '/nowhere/docker.sock' } as const;
    const engine = createEngine({ endpoint, clock: systemClock });
    expect(await problem(engine.call(5000, (docker) => docker.ping())())).toMatchObject({
      type: 'Unreachable',
      message: 'cannot reach the Docker engine at unix:///nowhere/docker.sock: is it running?',
    });
  });

  it('gives up on an engine that stops in the middle of an answer, listened to or not', async () => {
    const stub = await stubEngine((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"half":');
    });
    try {
      const engine = createEngine({ endpoint: stub.endpoint, clock: systemClock });
      const calls = [
        engine.call(100, (docker, abortSignal) =>
          docker.getContainer('x').inspect({ abortSignal }),
        )(),
        engine.call(100, (docker) => docker.getImage('x').inspect())(),
      ];
      for (const call of calls) {
        expect(await problem(call)).toMatchObject({
          type: 'Unreachable',
          message: expect.stringMatching(/did not answer within 0.1 s/),
        });
      }
    } finally {
      await stub.close();
    }
  });

  it("passes on the engine's own words, and knows a proxy whose engine is away", async () => {
    const stub = await stubEngine((request, response) => {
      response.writeHead(request.url === '/_ping' ? 503 : 500);
      response.end(JSON.stringify({ message: 'no space left on device' }));
    });
    try {
      const engine = createEngine({ endpoint: stub.endpoint, clock: systemClock });
      const refused = await engine.call(5000, (docker) => docker.listContainers())();
      expect(refused).toMatchObject({
        left: { type: 'Answered', status: 500, message: 'no space left on device' },
      });
      const away = await engine.call(5000, (docker) => docker.ping())();
      expect(E.isLeft(away) && toBackendError(away.left).type).toBe('BackendUnavailable');
    } finally {
      await stub.close();
    }
  });

  it("throws this program's own mistakes on", async () => {
    const endpoint = { kind: 'unix', socketPath: '/nowhere' } as const;
    const engine = createEngine({ endpoint, clock: systemClock });
    const mistake = engine.call(5000, async () => {
      throw new TypeError('a mistake');
    });
    await expect(mistake()).rejects.toThrow('a mistake');
  });
});
