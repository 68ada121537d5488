import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGateway, type Gateway } from '../../../../src/gateway/create-gateway.js';
import {
  execReply,
  failsWith,
  type GatewayWorld,
  gatewayWorld,
  prints,
} from '../../../support/gateway-world.js';
import { inject } from '../../../support/inject.js';

const EXEC = 'POST /v1/namespaces/default/pools/python/threads/t1/exec';

describe('exec with "stream": true', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  beforeEach(async () => {
    world = gatewayWorld();
    gateway = await createGateway(world.deps);
  });
  afterEach(() => gateway.close(0));

  const exec = (body: unknown) => inject(gateway, EXEC, { body });

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
