import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { CliDeps } from '../../../src/cli/cli-deps.js';
import type { ExecuteRequest } from '../../../src/exec/execute.js';
import type { Gateway } from '../../../src/gateway/create-gateway.js';
import { cliRun } from '../../support/cli-run.js';
import { deferred } from '../../support/deferred.js';
import { failsWith, type GatewayWorld, gatewayWorld, prints } from '../../support/gateway-world.js';
import { endlessCommands, listeningGateway } from '../../support/listening-gateway.js';
import { manualClock } from '../../support/manual-clock.js';

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
    world.script = prints(world, [['stdout', '1234567']], {
      truncated: { stdout: true, stderr: false },
    });
    const { stderr } = await cliRun(['exec', 'python', '-t', 't1', 'x'], { env });
    expect(stderr).toBe(
      'warmpool: stdout was cut off after 7 bytes: the pool keeps no more (spec.exec.maxOutputBytes)\n',
    );
  });

  it('keeps the status of a command whose output was cut off, and names each stream once', async () => {
    const pieces = [
      ['stderr', 'é'],
      ['stdout', 'abc'],
      ['stdout', 'de'],
    ] as const;
    const truncated = { stdout: true, stderr: true };
    world.script = prints(world, pieces, { truncated, exitCode: 3 });
    const result = await cliRun(['exec', 'python', '-t', 't1', 'x'], { env });
    expect(result).toMatchObject({ status: 3, stdout: 'abcde' });
    expect(result.stderr).toMatch(
      /^éwarmpool: stdout was cut off after 5 bytes.*\nwarmpool: stderr was cut off after 2 bytes.*\n$/,
    );
  });

  const onTerminal = () => {
    const clock = manualClock();
    const written: string[] = [];
    const first = deferred<void>();
    const stderr = new Writable({
      write: (chunk: Buffer, _encoding, next) => {
        written.push(chunk.toString());
        first.resolve();
        next();
      },
    });
    return {
      clock,
      written,
      first: first.promise,
      deps: { env, clock, stderr, stderrIsTty: true },
    };
  };

  it('says on a terminal that it waits for a sandbox, until output comes', async () => {
    const { clock, written, first, deps } = onTerminal();
    const began = deferred<void>();
    const granted = deferred<void>();
    world.script = (...call) => {
      began.resolve();
      return async () => {
        await granted.promise;
        return prints(world, [['stderr', 'err']])(...call)();
      };
    };
    const result = cliRun(['exec', 'python', '-t', 't1', 'x'], deps);
    await began.promise;
    await clock.advance(1000);
    await first;
    granted.resolve();
    expect(await result).toMatchObject({ status: 0 });
    expect(written.join('')).toBe(
      '\r\u001b[Kwaiting for a sandbox of pool python (1 s)…\r\u001b[Kerr',
    );
  });

  it('does not say that a silent command waits once the thread has its sandbox', async () => {
    const { clock, written, deps } = onTerminal();
    await world.deps.leases.acquire({
      pool: { namespace: 'default', name: 'python' },
      tenant: 'default',
      thread: 't1',
      renew: false,
    })();
    const began = deferred<void>();
    const asked = deferred<void>();
    const { find } = world.deps.leases;
    Object.assign(world.deps.leases, {
      find: (...identity: Parameters<typeof find>) => {
        asked.resolve();
        return find(...identity);
      },
    });
    world.script = (...call) => {
      began.resolve();
      return async () => {
        await asked.promise;
        return prints(world, [])(...call)();
      };
    };
    const result = cliRun(['exec', 'python', '-t', 't1', 'sleep', '5'], deps);
    await began.promise;
    await clock.advance(1000);
    expect(await result).toMatchObject({ status: 0 });
    expect(written.join('')).toBe('');
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
    [['exec', 'python', '-t', '', 'x'], /--thread.*1 to 256 bytes/],
    [['exec', 'python', '-t', 'é'.repeat(129), 'x'], /--thread.*1 to 256 bytes/],
    [['exec', 'Py_thon', '-t', 't1', 'x'], /POOL.*lower-case/],
    [['exec', '', '-t', 't1', 'x'], /POOL.*empty/],
    [['exec', 'python', '-n', 'a/b', '-t', 't1', 'x'], /--namespace.*lower-case/],
    [['exec', 'python', '-t', 't1', '--cwd', '', 'x'], /--cwd: must not be empty/],
    [['exec', 'python', '-t', 't1', '-u', 'a b', 'x'], /--user: must be/],
    [['exec', 'python', '-t', 't1', '-e', '1A=x', 'x'], /--env: name "1A"/],
    [['exec', 'python', '-t', 't1', '--timeout', '1e9', 'x'], /--timeout: must be/],
    [['exec', 'python', '-t', 't1', ''], /COMMAND: word 0/],
    [['exec', 'python', '-t', 't1', '-c', ''], /COMMAND: must not be empty/],
    [['lease', 'python', '-t', ''], /--thread.*1 to 256 bytes/],
    [['lease', 'python', '-t', 't1', '--duration', '999999999999'], /--duration: must be/],
    [['release', '-', '-t', 't1'], /POOL.*lower-case/],
    [['get', 'pools', 'no.pool'], /NAME.*lower-case/],
    [['get', 'sandboxes', 'a b'], /POOL.*lower-case/],
    [['get', 'leases', 'A'], /POOL.*lower-case/],
    [['get', 'timeline', 'A', 'x'], /POOL.*lower-case/],
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
