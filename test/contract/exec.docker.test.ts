import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { PIDS_ANNOTATION } from '../../src/backends/docker/to-network.js';
import { docker } from '../support/docker.js';
import { createDockerWorld } from '../support/docker-world.js';
import { type ExecHarness, type ExecWorld, execHarness } from '../support/exec-harness.js';
import { importShellLessImage } from '../support/shell-less-image.js';
import { execContract } from './exec.contract.js';

const PYTHON = 'warmpool.local/python:3';

execContract('Docker, busybox image', () => createDockerWorld({}));
execContract('Docker, Python image', () => createDockerWorld({ image: PYTHON }));

/** A sandbox per test group. */
const inSandbox = (
  ...how: Parameters<typeof createDockerWorld>
): { readonly harness: () => ExecHarness; readonly world: () => ExecWorld } => {
  const made: { world: ExecWorld; harness: ExecHarness }[] = [];
  beforeAll(async () => {
    const world = await createDockerWorld(...how);
    made.push({ world, harness: execHarness(world) });
  }, 120_000);
  afterAll(async () => {
    for (const { world, harness } of made) {
      harness.exec.forget(world.uid);
      await world.close();
    }
  });
  const get = (): { world: ExecWorld; harness: ExecHarness } => {
    const [first] = made;
    if (first === undefined) throw new Error('the sandbox was not made');
    return first;
  };
  return { harness: () => get().harness, world: () => get().world };
};

describe('a bomb of forks in a Docker sandbox', () => {
  const { harness } = inSandbox({}, { [PIDS_ANNOTATION]: '64' });

  it('is killed, or the sandbox is given up; never a success, never a hang', async () => {
    expect(await harness().warm()).toEqual(E.right(undefined));
    const ran = await harness().attempt('bomb() { bomb | bomb & }; bomb; sleep 1000', {
      timeoutMs: 1000,
    });
    if (E.isLeft(ran)) expect(ran.left.type).toMatch(/^(Unkillable|ShellLost)$/u);
    else expect(ran.right).toMatchObject({ timedOut: true });
  }, 90_000);
});

describe('a command as another user in a Docker sandbox', () => {
  const { harness } = inSandbox({});

  it('runs by the engine, as that user, in the directory of its thread', async () => {
    await harness().warm();
    await harness().run('echo from root >f; chmod a+r f');
    const ran = await harness().run('id -u; pwd; cat f; echo $A; echo mine >g; exit 4', {
      user: '1234:1234',
      env: { A: 'b' },
    });
    expect(ran).toMatchObject({ exitCode: 4, via: 'engine' });
    expect(ran.stdout.toString()).toBe(`1234\n${harness().threadDirectory}\nfrom root\nb\n`);
  });

  it('reads stdin', async () => {
    const ran = await harness().run('wc -c', { user: '1234', stdin: Buffer.alloc(100_000) });
    expect(ran.stdout.toString().trim()).toBe('100000');
  });

  it('is killed with its daemons when its time is over, though not even root may touch it', async () => {
    const ran = await harness().run(
      '(trap "" TERM; sleep 1001) & echo begun; sleep 1002; sleep 1003',
      { user: '1234', timeoutMs: 1500 },
    );
    expect(ran).toMatchObject({ exitCode: 124, timedOut: true, via: 'engine' });
    expect(ran.stdout.toString()).toBe('begun\n');
    const look = await harness().run('ps -o args | grep "sleep 100[123]" | grep -v grep');
    expect(look.stdout.toString()).toBe('');
  }, 60_000);
});

describe('a Docker sandbox whose image has no shell', () => {
  const tag = randomUUID();
  let world: ExecWorld;
  let harness: ExecHarness;
  let image: string;
  beforeAll(async () => {
    image = await importShellLessImage(tag);
    world = await createDockerWorld({ image, command: ['/bin/sleep', '100000'] });
    harness = execHarness(world);
  }, 120_000);
  afterAll(async () => {
    await world.close();
    await docker.getImage(image).remove({ force: true });
  });

  it('is warm all the same, and runs argument vectors by the engine', async () => {
    expect(await harness.warm()).toEqual(E.right(undefined));
    const ran = await harness.run(['/bin/env'], { env: { A: 'b' } });
    expect(ran).toMatchObject({ exitCode: 0, via: 'engine' });
    expect(ran.stdout.toString()).toMatch(/^A=b$/mu);
    const fed = await harness.run(['/bin/cat'], { stdin: Buffer.from('in'), cwd: '/bin' });
    expect(fed.stdout.toString()).toBe('in');
  });

  it('says that text for a shell cannot be run', async () => {
    const ran = await harness.run('echo hello');
    expect(ran.exitCode).toBe(127);
    expect(ran.stderr.toString()).toMatch(/no usable sh/u);
  });

  it('calls a command that outlives its time unkillable, as nothing can end it', async () => {
    const ran = await harness.attempt(['/bin/sleep', '1000'], { timeoutMs: 500 });
    expect(ran).toMatchObject({ left: { type: 'Unkillable' } });
  }, 60_000);

  it('cannot be cleaned for another thread', async () => {
    const cleaned = await harness.exec.clean(world.uid, {
      residentShells: 1,
      workingDirectory: '/workspace',
    })();
    expect(cleaned).toMatchObject({ left: { type: 'CleanFailed' } });
  });
});

describe('cleaning a Docker sandbox', () => {
  const { harness, world } = inSandbox({});
  const clean = (): ReturnType<ReturnType<ExecHarness['exec']['clean']>> =>
    harness().exec.clean(world().uid, { residentShells: 2, workingDirectory: '/workspace' })();

  it('leaves no process and no file of the last thread, and shells that work', async () => {
    await harness().warm();
    await harness().run(
      'touch f .hidden "..x" "a b"; ln -s /nowhere link; mkdir -p locked/in; chmod 0 locked; cd ..; touch .top',
    );
    await harness().run('(trap "" TERM HUP; setsid sleep 1001 >/dev/null 2>&1 &); sleep 1002 &');
    expect(await clean()).toEqual(E.right(undefined));
    const look = await harness().run('ps -o args; cd /workspace; ls -A');
    expect(look.stdout.toString()).not.toMatch(/sleep 100[12]/u);
    expect(look.stdout.toString().trim().split('\n').at(-1)).toBe('thread-1');
  }, 60_000);

  it('is done over and over', async () => {
    for (let round = 0; round < 3; round += 1) {
      await harness().run('echo x >f; sleep 1001 &');
      expect(await clean()).toEqual(E.right(undefined));
      expect((await harness().run('ls -A')).stdout.toString()).toBe('');
    }
  }, 60_000);

  it('fails when the working directory was replaced by a link', async () => {
    await harness().run('cd /; rm -rf /workspace && ln -s /etc /workspace');
    expect(await clean()).toMatchObject({ left: { type: 'CleanFailed' } });
    expect(await clean()).toMatchObject({ left: { type: 'CleanFailed' } });
  }, 60_000);

  it('fails when the sandbox is gone', async () => {
    await world().destroy();
    expect(await clean()).toMatchObject({ left: { type: 'CleanFailed' } });
  }, 60_000);
});
