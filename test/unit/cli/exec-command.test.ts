import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { CliDeps } from '../../../src/cli/cli-deps.js';
import type { ExecuteRequest } from '../../../src/exec/execute.js';
import type { Gateway } from '../../../src/gateway/create-gateway.js';
import { cliRun } from '../../support/cli-run.js';
import { failsWith, type GatewayWorld, gatewayWorld, prints } from '../../support/gateway-world.js';
import { endlessCommands, listeningGateway } from '../../support/listening-gateway.js';

describe('warmpool exec', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  let env: CliDeps['env'];
  beforeEach(async () => {
    world = gatewayWorld();
    const listening = await listeningGateway(world);
    gateway = listening.gateway;
    env = { url: listening.url };
  });
  afterEach(() => gateway.close(0));

  const seen = (): ExecuteRequest[] => {
    const requests: ExecuteRequest[] = [];
    const { script } = world;
    world.script = (request, sink, signal) => {
      requests.push(request);
      return script(request, sink, signal);
    };
    return requests;
  };

  it('prints the output to where it belongs and exits as the command did', async () => {
    world.script = prints(
      world,
      [
        ['stdout', 'out\n'],
        ['stderr', 'err\n'],
      ],
      { exitCode: 7 },
    );
    const result = await cliRun(['exec', 'python', '-t', 't1', 'x'], { env });
    expect(result).toEqual({ status: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it.each([
    [
      ['exec', 'python', '-t', 't1', 'ls', '-la', '--', '-t', 'x'],
      ['ls', '-la', '--', '-t', 'x'],
    ],
    [
      ['exec', '-t', 't1', 'python', '--', 'ls', '-h'],
      ['ls', '-h'],
    ],
    [
      ['exec', '-tt1', 'python', 'ls', '--help'],
      ['ls', '--help'],
    ],
    [
      ['exec', '--thread=t1', 'python', 'ls', '-c', 'x'],
      ['ls', '-c', 'x'],
    ],
    [
      ['exec', 'python', '-it', 't1', 'echo', 'a  b', '$HOME'],
      ['echo', 'a  b', '$HOME'],
    ],
    [['exec', 'python', '-t', 't1', 'true'], ['true']],
    [['exec', 'python', '-t', 't1', '-c', 'ls | wc -l'], 'ls | wc -l'],
  ])('%j runs %j', async (words, command) => {
    const requests = seen();
    expect(await cliRun(words, { env })).toMatchObject({ status: 0, stderr: '' });
    expect(requests).toMatchObject([{ command, thread: 't1' }]);
  });

  it('passes its options on', async () => {
    const requests = seen();
    await cliRun(
      [
        'exec',
        'python',
        '-t',
        't1',
        '--cwd',
        'src',
        '-e',
        'A=1',
        '-e',
        'B=x=y',
        '--timeout',
        '2.5',
        '-u',
        'nobody',
        '-i',
        'cat',
      ],
      { env, stdin: 'from stdin' },
    );
    expect(requests).toMatchObject([
      {
        cwd: 'src',
        env: { A: '1', B: 'x=y' },
        timeoutSeconds: 2.5,
        user: 'nobody',
        stdin: Buffer.from('from stdin'),
      },
    ]);
  });

  it('does not touch stdin unless told to', async () => {
    const requests = seen();
    await cliRun(['exec', 'python', '-t', 't1', 'cat'], { env, stdin: 'x' });
    expect(requests[0]).not.toHaveProperty('stdin');
  });

  it('takes the namespace from the option, then from the environment', async () => {
    const requests = seen();
    const words = ['exec', 'node', '-t', 't1', 'x'];
    await cliRun(words, { env: { ...env, namespace: 'other' } });
    await cliRun(['exec', '-n', 'other', 'node', '-t', 't1', 'x'], { env });
    expect(requests.map(({ pool }) => pool.namespace)).toEqual(['other', 'other']);
  });

  it('exits with 124 after a timeout, and says so', async () => {
    world.script = prints(world, [['stdout', 'so far']], { timedOut: true, exitCode: 124 });
    expect(await cliRun(['exec', 'python', '-t', 't1', 'x'], { env })).toEqual({
      status: 124,
      stdout: 'so far',
      stderr: 'warmpool: the command was killed because its time was up\n',
    });
  });

  it('says when output was cut off', async () => {
    world.script = prints(world, [], { truncated: { stdout: true, stderr: false } });
    const { stderr } = await cliRun(['exec', 'python', '-t', 't1', 'x'], { env });
    expect(stderr).toMatch(/stdout is longer .* cut off/);
  });

  it('cancels the command on Ctrl-C and exits with 130', async () => {
    const command = endlessCommands(world);
    const result = cliRun(['exec', 'python', '-t', 't1', 'x'], {
      env,
      onInterrupt: (run) => {
        void command.began.then(run);
        return () => undefined;
      },
    });
    expect(await result).toMatchObject({ status: 130 });
    await command.canceled;
  });

  it('cancels the command when nobody reads its output any more', async () => {
    let canceled = false;
    world.script = (_request, sink, signal) => async () => {
      while (!signal.aborted) await sink('stdout', Buffer.alloc(65_536));
      canceled = true;
      return E.left({ type: 'AcquireCanceled', message: 'gone' });
    };
    const stdout = new Writable({ write: (_chunk, _encoding, next) => next(new Error('EPIPE')) });
    stdout.on('error', () => undefined);
    await cliRun(['exec', 'python', '-t', 't1', 'yes'], { env, stdout });
    await gateway.close(60_000);
    expect(canceled).toBe(true);
  });

  it('prints one object with -o json', async () => {
    world.script = prints(world, [['stdout', 'hi']], { exitCode: 3 });
    const { status, stdout } = await cliRun(['exec', 'python', '-t', 't1', '-o', 'json', 'x'], {
      env,
    });
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 3, stdout: 'hi', sandbox: 'python-1' });
  });

  it.each([
    [['exec', 'python', '-t', 't1'], /needs a command/],
    [['exec', 'python', '-t', 't1', '-c', 'x', 'y'], /needs a command/],
    [['exec', 'python', 'x'], /--thread/],
    [['exec', '-t', 't1'], /POOL/],
    [['exec', 'python', '-t', 't1', '--timeout', '-1', 'x'], /above 0/],
    [['exec', 'python', '-t', 't1', '-e', 'novalue', 'x'], /NAME=VALUE/],
    [['exec', 'python', '-t', 't1', '--nope', 'x'], /unknown option/],
    [['exec', 'python', '-t', 't1', '-o', 'xml', 'x'], /Allowed choices/],
    [['exec', 'python', '-t', 't1', '--url', 'nonsense', 'x'], /no URL/],
    [['exce', 'python'], /unknown command.*\n?.*exec/],
  ])('%j is a mistake in the command line: status 2', async (words, message) => {
    const result = await cliRun(words, { env });
    expect([result.status, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toMatch(message);
  });

  it.each([
    [
      { type: 'PoolUnknown', message: 'there is no pool "x"' },
      /there is no pool "x": `warmpool get pools -A`/,
    ],
    [
      { type: 'NoSandbox', message: 'none free', queueLength: 1, retryAfterSeconds: 3 },
      /none free: try again in 3 s/,
    ],
    [{ type: 'ShellLost', message: 'broke' }, /broke/],
  ] as const)('says in one line what warmpool refused: %j', async (error, message) => {
    world.script = failsWith(error);
    const { status, stderr } = await cliRun(['exec', 'python', '-t', 't1', 'x'], { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says what to do when nobody is there', async () => {
    await gateway.close(0);
    const { status, stderr } = await cliRun(['exec', 'python', '-t', 't1', 'x'], { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^warmpool: cannot reach warmpool at http:\/\/127.*start it with `warmpool up -f pool.yaml`/,
    );
  });
});
