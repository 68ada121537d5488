import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGateway, type Gateway } from '../../../../src/gateway/create-gateway.js';
import { type GatewayWorld, gatewayWorld } from '../../../support/gateway-world.js';
import { inject } from '../../../support/inject.js';

const EXEC = 'POST /v1/namespaces/default/pools/python/threads/t1/exec';

describe('the body of exec', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  beforeEach(async () => {
    world = gatewayWorld();
    gateway = await createGateway(world.deps);
  });
  afterEach(() => gateway.close(0));

  const exec = (body: unknown) => inject(gateway, EXEC, { body });

  it.each([
    ['a missing command', {}, 'command', /is required/],
    ['an unknown field', { command: 'x', comand: 'y' }, 'comand', /unknown field/],
    [
      'a field of Object.prototype',
      { command: 'x', constructor: 1 },
      'constructor',
      /unknown field/,
    ],
    ['a number as command', { command: 5 }, 'command', /must be a string or an array/],
    ['an empty command', { command: '' }, 'command', /must not be empty/],
    ['an empty vector', { command: [] }, 'command', /at least one word/],
    ['a vector of something else', { command: ['a', 1] }, 'command', /word 1 must be a string/],
    ['NUL in the command', { command: 'a\0b' }, 'command', /NUL/],
    ['NUL in a word', { command: ['a', '\0'] }, 'command', /word 1 must not contain a NUL/],
    ['half a surrogate pair', { command: 'a\ud800' }, 'command', /surrogate/],
    [
      'a long command',
      { command: 'x'.repeat(1024 * 1024 + 1) },
      'command',
      /at most 1048576 bytes/,
    ],
    [
      'a long vector',
      { command: ['x', 'y'.repeat(1024 * 1024)] },
      'command',
      /at most 1048576 bytes/,
    ],
    ['a negative timeout', { command: 'x', timeoutSeconds: -1 }, 'timeoutSeconds', /from 0.001/],
    [
      'a timeout of text',
      { command: 'x', timeoutSeconds: '5' },
      'timeoutSeconds',
      /must be a number/,
    ],
    ['a huge cap', { command: 'x', maxOutputBytes: 1e300 }, 'maxOutputBytes', /must be an integer/],
    ['a broken cap', { command: 'x', maxOutputBytes: 1.5 }, 'maxOutputBytes', /must be an integer/],
    ['epoch 0', { command: 'x', leaseEpoch: 0 }, 'leaseEpoch', /from 1/],
    ['stdin that is no base64', { command: 'x', stdin: 'a*b=' }, 'stdin', /base64/],
    ['stdin without padding', { command: 'x', stdin: 'YQ' }, 'stdin', /base64/],
    ['a bad name in env', { command: 'x', env: { 'A=B': '1' } }, 'env', /"A=B"/],
    ['a number in env', { command: 'x', env: { A: 1 } }, 'env', /value of A: must be a string/],
    ['NUL in env', { command: 'x', env: { A: '\0' } }, 'env', /NUL/],
    ['an array as env', { command: 'x', env: ['A'] }, 'env', /must be an object/],
    ['an empty cwd', { command: 'x', cwd: '' }, 'cwd', /must not be empty/],
    ['null as cwd', { command: 'x', cwd: null }, 'cwd', /must be a string/],
    ['an odd user', { command: 'x', user: '-u root' }, 'user', /must be a user name/],
    ['a word as flag', { command: 'x', stream: 'yes' }, 'stream', /must be true or false/],
    ['an odd encoding', { command: 'x', encoding: 'latin1' }, 'encoding', /one of utf8, base64/],
  ])('refuses %s by its path', async (_what, body, path, message) => {
    const reply = await exec(body);
    expect(reply.status).toBe(400);
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(reply.json.type).toBe('urn:warmpool:problem:invalid-request');
    expect(reply.json.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
    expect(reply.json.detail).toMatch(message);
  });

  it.each([
    ['a list', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
  ])('refuses a body that is %s', async (_what, rawBody) => {
    const reply = await inject(gateway, EXEC, { rawBody });
    expect(reply.status).toBe(400);
    expect(reply.json.detail).toBe('the body must be an object');
  });

  it('refuses numbers that JSON can spell and no number can hold', async () => {
    const rawBody = '{"command":"x","timeoutSeconds":1e999}';
    expect((await inject(gateway, EXEC, { rawBody })).status).toBe(400);
  });

  it('refuses a field named __proto__', async () => {
    const rawBody = '{"command":"x","__proto__":{"stream":true}}';
    const reply = await inject(gateway, EXEC, { rawBody });
    expect([reply.status, reply.json.errors?.[0]?.path]).toEqual([400, '__proto__']);
  });
});
