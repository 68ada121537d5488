import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { ExecuteRequest } from '../../../src/exec/execute.js';
import { createGateway, type Gateway } from '../../../src/gateway/create-gateway.js';
import {
  execReply,
  failsWith,
  type GatewayWorld,
  gatewayWorld,
  prints,
} from '../../support/gateway-world.js';
import { inject } from '../../support/inject.js';

const EXEC = 'POST /v1/namespaces/default/pools/python/threads/t1/exec';

describe('POST …/exec', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  beforeEach(async () => {
    world = gatewayWorld();
    gateway = await createGateway(world.deps);
  });
  afterEach(() => gateway.close(0));

  const exec = (body: unknown) => inject(gateway, EXEC, { body });

  it('answers with output, exit code, sandbox, epoch and timings', async () => {
    world.script = prints(
      world,
      [
        ['stdout', 'hé'],
        ['stdout', 'llo\n'],
        ['stderr', 'oops'],
      ],
      { exitCode: 3 },
    );
    const reply = await exec({ command: 'echo' });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect(reply.json).toEqual({
      encoding: 'utf8',
      stdout: 'héllo\n',
      stderr: 'oops',
      exitCode: 3,
      timedOut: false,
      truncated: { stdout: false, stderr: false },
      sandbox: 'python-1',
      leaseEpoch: 1,
      timings: { queueMs: 0, leaseMs: 0.1, execMs: 1, totalMs: 1.123 },
    });
  });

  it('hands every option of the request on, and nothing else', async () => {
    const seen: ExecuteRequest[] = [];
    world.script = (request) => async () => {
      seen.push(request);
      return E.left({ type: 'Stopping', message: 'no' });
    };
    await exec({
      command: ['cat', '-'],
      cwd: 'src',
      env: { A: '1', __proto__x: '2' },
      stdin: Buffer.from([0, 255]).toString('base64'),
      user: 'nobody',
      timeoutSeconds: 1.5,
      maxOutputBytes: 10,
      leaseEpoch: 7,
      encoding: 'base64',
      timeoutIsError: true,
    });
    expect(seen).toEqual([
      {
        pool: { namespace: 'default', name: 'python' },
        tenant: 'default',
        thread: 't1',
        command: ['cat', '-'],
        cwd: 'src',
        env: { A: '1', __proto__x: '2' },
        stdin: Buffer.from([0, 255]),
        user: 'nobody',
        timeoutSeconds: 1.5,
        maxOutputBytes: 10,
        leaseEpoch: 7,
      },
    ]);
  });

  it('switches both streams to base64 where one is no valid UTF-8', async () => {
    world.script = prints(world, [
      ['stdout', Buffer.from([0xff, 0x00])],
      ['stderr', 'text'],
    ]);
    const { json } = await exec({ command: 'x' });
    expect(json).toMatchObject({ encoding: 'base64', stdout: '/wA=', stderr: 'dGV4dA==' });
  });

  it('keeps to the encoding that was asked for', async () => {
    world.script = prints(world, [['stdout', Buffer.from([0x61, 0xff])]]);
    expect((await exec({ command: 'x', encoding: 'utf8' })).json).toMatchObject({
      encoding: 'utf8',
      stdout: 'a\ufffd',
    });
    expect((await exec({ command: 'x', encoding: 'base64' })).json).toMatchObject({
      encoding: 'base64',
      stdout: 'Yf8=',
    });
  });

  it('stays text when the cap cut a character in half', async () => {
    const truncated = { stdout: true, stderr: false };
    world.script = prints(world, [['stdout', Buffer.from('a€').subarray(0, 3)]], { truncated });
    expect((await exec({ command: 'x' })).json).toMatchObject({
      encoding: 'utf8',
      stdout: 'a',
      truncated,
    });
  });

  it('answers 200 for a command that timed out, and 504 with its output where an error was asked for', async () => {
    world.script = prints(world, [['stdout', 'so far']], { timedOut: true, exitCode: 124 });
    const plain = await exec({ command: 'x' });
    expect([plain.status, plain.json.timedOut, plain.json.exitCode]).toEqual([200, true, 124]);
    const asked = await exec({ command: 'x', timeoutIsError: true });
    expect(asked.status).toBe(504);
    expect(asked.json).toMatchObject({
      type: 'urn:warmpool:problem:command-timed-out',
      result: { stdout: 'so far', exitCode: 124, timedOut: true },
    });
  });

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
    expect([reply.status, reply.json.errors[0].path]).toEqual([400, '__proto__']);
  });

  it.each([
    [{ type: 'PoolUnknown', message: 'm' }, 404],
    [{ type: 'QueueFull', message: 'm', queueLength: 9, retryAfterSeconds: 2.2 }, 429],
    [{ type: 'NoSandbox', message: 'm', queueLength: 9, retryAfterSeconds: 0 }, 503],
    [{ type: 'Stopping', message: 'm' }, 503],
    [{ type: 'StoreFailed', message: 'm' }, 503],
    [{ type: 'LeaseGone', message: 'm' }, 410],
    [{ type: 'Fenced', message: 'm', epoch: 8 }, 409],
    [{ type: 'ShellLost', message: 'm' }, 502],
    [{ type: 'SandboxGone', message: 'm', uid: 'u' }, 410],
    [{ type: 'ExecUnavailable', message: 'm' }, 503],
    [{ type: 'Unkillable', message: 'm', uid: 'u' }, 500],
  ] as const)('answers %j with status %i', async (error, status) => {
    world.script = failsWith(error);
    const reply = await exec({ command: 'x' });
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ status, detail: 'm', title: expect.any(String) });
    expect(reply.json).not.toHaveProperty('epoch');
    if (error.type === 'QueueFull') expect(reply.headers['retry-after']).toBe('3');
    if (error.type === 'NoSandbox') expect(reply.headers['retry-after']).toBe('1');
  });

  it('says nothing of its insides when something unforeseen happens', async () => {
    world.script = () => async () => {
      throw new Error('secret detail');
    };
    const reply = await exec({ command: 'x' });
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain('secret');
  });

  it('streams lines as they come and ends with the exit', async () => {
    const euro = Buffer.from('€');
    world.script = prints(world, [
      ['stdout', euro.subarray(0, 1)],
      ['stderr', 'e'],
      ['stdout', euro.subarray(1)],
      ['stdout', Buffer.from([0x61, 0xff])],
      ['stdout', Buffer.from([0xe2])],
    ]);
    const reply = await exec({ command: 'x', stream: true });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^application\/x-ndjson/);
    const { result: _result, ...view } = execReply([...world.leases.values()][0] as never);
    const lines = reply.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, -1)).toEqual([
      { stderr: 'e' },
      { stdout: '€' },
      { stdout: 'Yf8=', encoding: 'base64' },
      { stdout: '4g==', encoding: 'base64' },
    ]);
    expect(lines.at(-1)).toEqual({
      exit: {
        exitCode: 0,
        timedOut: false,
        truncated: { stdout: false, stderr: false },
        sandbox: 'python-1',
        leaseEpoch: 1,
        timings: { ...view.timings, totalMs: 1.123 },
      },
    });
  });

  it('gives a failure before the first output its own status, also when streaming', async () => {
    world.script = failsWith({
      type: 'QueueFull',
      message: 'm',
      queueLength: 1,
      retryAfterSeconds: 1,
    });
    const reply = await exec({ command: 'x', stream: true });
    expect([reply.status, reply.json.queueLength]).toEqual([429, 1]);
  });

  it('ends a stream that breaks with an error line, never with an exit', async () => {
    world.script = failsWith({ type: 'ShellLost', message: 'gone' }, 'partial');
    const reply = await exec({ command: 'x', stream: true });
    const lines = reply.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { stdout: 'partial' },
      { error: expect.objectContaining({ type: 'urn:warmpool:problem:shell-lost', status: 502 }) },
    ]);
  });
});
