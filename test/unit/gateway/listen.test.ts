import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { createGateway, type Gateway } from '../../../src/gateway/create-gateway.js';
import { gatewayWorld } from '../../support/gateway-world.js';

const withGateway = async (run: (gateway: Gateway) => Promise<void>, token?: string) => {
  const gateway = await createGateway(gatewayWorld(token === undefined ? {} : { token }).deps);
  try {
    await run(gateway);
  } finally {
    await gateway.close(0);
  }
};

describe('listening', () => {
  it('says what to do about a port in use', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    await withGateway(async (gateway) => {
      expect(await gateway.listen({ host: '127.0.0.1', port })).toMatchObject({
        left: { type: 'ListenProblem', message: expect.stringMatching(/in use: .*--listen/) },
      });
    });
    other.close();
  });

  it('refuses addresses that others can reach, unless there is a token', async () => {
    await withGateway(async (gateway) => {
      expect(await gateway.listen({ host: '0.0.0.0', port: 0 })).toMatchObject({
        left: { message: expect.stringMatching(/WARMPOOL_TOKEN/) },
      });
    });
    await withGateway(async (gateway) => {
      expect(E.isRight(await gateway.listen({ host: '0.0.0.0', port: 0 }))).toBe(true);
    }, 'token');
  });

  it('serves a unix socket that only its owner may use, and takes the place of one left behind', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'warmpool-'));
    const path = join(directory, 'warmpool.sock');
    await withGateway(async (gateway) => {
      expect(await gateway.listen({ path })).toEqual(E.right(`unix:${path}`));
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const status = await new Promise((resolve, reject) => {
        request({ socketPath: path, path: '/v1/pools' }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
      expect(status).toBe(200);
      await withGateway(async (second) => {
        expect(await second.listen({ path })).toMatchObject({
          left: { message: expect.stringMatching(/in use/) },
        });
      });
      expect((await stat(path)).isSocket()).toBe(true);
    });
    await writeFile(path, 'a file');
    await withGateway(async (gateway) => {
      expect(E.isLeft(await gateway.listen({ path }))).toBe(true);
    });
    expect((await stat(path)).size).toBe(6);
    await rm(directory, { recursive: true });
  });
});
