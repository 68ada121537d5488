import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type GatewayWorld, gatewayWorld, prints } from '../../../support/gateway-world.js';
import {
  EXEC_PATH,
  execText,
  type ListeningGateway,
  listeningGateway,
  reads,
} from '../../../support/listening-gateway.js';

const MEGABYTE = 1_048_576;
const text = 'größe "1"\n'.repeat(300_000);

describe('POST …/exec, of a command that prints much', () => {
  let world: GatewayWorld;
  let listening: ListeningGateway;
  beforeEach(async () => {
    world = gatewayWorld();
    listening = await listeningGateway(world);
  });
  afterEach(() => listening.gateway.close(0));

  const exec = async (body: unknown) => {
    const reply = await fetch(`${listening.url}${EXEC_PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      status: reply.status,
      type: reply.headers.get('content-type'),
      text: await reply.text(),
    };
  };

  it('answers with all of it, as text', async () => {
    world.script = prints(world, [
      ['stdout', text],
      ['stderr', 'oops'],
    ]);
    const reply = await exec({ command: 'x' });
    expect([reply.status, reply.type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(reply.text).toBe(
      JSON.stringify({ encoding: 'utf8', stdout: text, stderr: 'oops', ...restOf(reply.text) }),
    );
  });

  it('answers with all of it, as base64 where it is no text', async () => {
    const bytes = Buffer.alloc(3 * MEGABYTE + 1, Buffer.from([0, 255, 7, 8, 9]));
    world.script = prints(
      world,
      [
        ['stdout', bytes.subarray(0, MEGABYTE)],
        ['stderr', 'text'],
        ['stdout', bytes.subarray(MEGABYTE)],
      ],
      { truncated: { stdout: true, stderr: false } },
    );
    const reply = JSON.parse((await exec({ command: 'x' })).text);
    expect(reply).toMatchObject({
      encoding: 'base64',
      stderr: 'dGV4dA==',
      truncated: { stdout: true, stderr: false },
      exitCode: 0,
    });
    expect(reply.stdout === bytes.toString('base64')).toBe(true);
  });

  it('stays text when the cap cut a character in half', async () => {
    const truncated = { stdout: true, stderr: false };
    const whole = Buffer.from('€'.repeat(50_000));
    world.script = prints(world, [['stdout', whole.subarray(0, -1)]], { truncated });
    const reply = JSON.parse((await exec({ command: 'x' })).text);
    expect([reply.encoding, reply.stdout === '€'.repeat(49_999)]).toEqual(['utf8', true]);
  });

  it('answers 504 with all of it for a command that timed out, where an error was asked for', async () => {
    world.script = prints(world, [['stdout', text]], { timedOut: true, exitCode: 124 });
    const reply = await exec({ command: 'x', timeoutIsError: true });
    expect([reply.status, reply.type]).toEqual([504, 'application/problem+json; charset=utf-8']);
    const problem = JSON.parse(reply.text);
    expect([problem.status, problem.result.exitCode, problem.result.stdout === text]).toEqual([
      504,
      124,
      true,
    ]);
  });

  it('goes on serving after a client went away in the middle of a reply', async () => {
    world.script = prints(world, [['stdout', Buffer.alloc(8 * MEGABYTE)]]);
    const leaving = await listening.open();
    leaving.write(execText('{"command":"x"}'));
    await reads(leaving, 'AAAA');
    leaving.destroy();
    world.script = prints(world, [['stdout', text]]);
    expect(JSON.parse((await exec({ command: 'x' })).text).stdout === text).toBe(true);
  });
});

/** The parts of a reply that are not output, in their order. */
const restOf = (reply: string): Record<string, unknown> => {
  const { encoding: _encoding, stdout: _stdout, stderr: _stderr, ...rest } = JSON.parse(reply);
  return rest;
};
