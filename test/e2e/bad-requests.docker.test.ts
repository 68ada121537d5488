import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createOperatorProcess,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
  threadPath,
} from '../support/operator-process.js';

describe('bad requests', () => {
  let operator: OperatorProcess;

  beforeAll(async () => {
    operator = await createOperatorProcess(
      poolManifest({
        spec: '  maxSandboxes: 1\n  lease: { queue: { maxLength: 1, timeoutSeconds: 1 } }',
      }),
    );
    await operator.start();
    await operator.warm(1);
  }, PATIENCE_MS);

  afterAll(async () => operator.dispose(), PATIENCE_MS);

  it.each([
    ['no command', {}, 400, 'command'],
    ['a command of the wrong type', { command: 7 }, 400, 'command'],
    ['an unknown field', { command: 'true', comand: 'x' }, 400, 'comand'],
    ['a negative time', { command: 'true', timeoutSeconds: -1 }, 400, 'timeoutSeconds'],
    ['an endless time', { command: 'true', timeoutSeconds: 1e30 }, 400, 'timeoutSeconds'],
    ['a bad variable name', { command: 'true', env: { 'A B': 'x' } }, 400, 'env'],
    ['a NUL character', { command: 'a\u0000b' }, 400, 'command'],
    ['stdin that is not base64', { command: 'cat', stdin: '***' }, 400, 'stdin'],
    ['a body that is not JSON', '{"command": ', 400, 'JSON'],
    ['a list for a body', '[]', 400, ''],
  ])('%s is refused, and the reply names what is wrong', async (_, body, status, named) => {
    const reply = await operator.exec('bad', body);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(reply.body).toContain(named);
  });

  it('an oversize body is 413, and its sender hears that', async () => {
    const stdin = 'A'.repeat(40 * 1024 * 1024);
    for (let time = 0; time < 10; time += 1) {
      expect((await operator.exec('bad', { command: 'true', stdin })).status).toBe(413);
    }
    expect((await operator.exec('bad', { command: 'true' })).status).toBe(200);
  });

  it.each([
    ['GET', '/v1/nothing', 404],
    ['GET', '/v1/namespaces/default/pools/nope', 404],
    ['POST', '/v1/namespaces/default/pools/nope/threads/t/exec', 404],
    ['POST', `/v1/namespaces/default/pools/box/threads/${'x'.repeat(257)}/exec`, 400],
    ['POST', '/v1/namespaces/default/pools/box/threads/%FF/exec', 400],
    ['POST', '/v1/namespaces/default/pools/box/threads//exec', 400],
    ['PATCH', `${threadPath('t')}/lease`, 405],
  ])('%s %s is %i', async (method, path, status) => {
    const reply = await operator.request(
      method,
      path,
      method === 'POST' ? { command: 'true' } : undefined,
    );
    expect([path, reply.status]).toEqual([path, status]);
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
  });

  it(
    'no sandbox before the deadline is 503, a full queue 429, both with Retry-After',
    async () => {
      await operator.exec('holder', { command: 'true' });
      const [one, two] = await Promise.all([
        operator.exec('second', { command: 'true' }),
        operator.exec('third', { command: 'true' }),
      ]);
      expect(new Set([one?.status, two?.status])).toEqual(new Set([429, 503]));
      expect(Number(one?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(Number(two?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      await operator.request('DELETE', `${threadPath('holder')}/lease`);
    },
    PATIENCE_MS,
  );
});
