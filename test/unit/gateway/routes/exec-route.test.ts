import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { ExecuteRequest } from '../../../../src/exec/execute.js';
import { createGateway, type Gateway } from '../../../../src/gateway/create-gateway.js';
import {
  failsWith,
  type GatewayWorld,
  gatewayWorld,
  prints,
} from '../../../support/gateway-world.js';
import { inject } from '../../../support/inject.js';

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
});
