import { afterAll, describe, expect, it } from '@jest/globals';
import { LABELS } from '../../../../src/api/labels.js';
import type { PodTemplate } from '../../../../src/api/pod-template.js';
import {
  aRequest,
  failure,
  find,
  run,
  sh,
  succeed,
} from '../../../contract/sandbox-backend.harness.js';
import { docker } from '../../../support/docker.js';
import { dockerWorld, template } from './docker-world.js';

const world = dockerWorld();
const { backend } = world;
afterAll(world.close);

const make = (of: PodTemplate) => succeed(backend.create(aRequest(of)));
const isRunning = async (id: string): Promise<boolean> =>
  (await docker.getContainer(id).inspect()).State.Running;

/** Why a sandbox of a template does not start; sees to it that none is left. */
const why = async (of: PodTemplate): Promise<string> => {
  const request = aRequest(of);
  const error = await failure(backend.create(request));
  expect(error.type).toBe('StartFailed');
  const listed = await succeed(backend.list);
  expect(listed.map((sandbox) => sandbox.name)).not.toContain(request.name);
  return error.message;
};

describe('containers of others', () => {
  it('are neither listed, nor entered, nor removed', async () => {
    const id = await world.stranger(`wp-stranger-${process.pid}`);
    expect(await find(backend, id)).toBeUndefined();
    await succeed(backend.destroy(id));
    const error = await failure(backend.openExec(id, { argv: ['true'], stdin: false }));
    expect(error.type).toBe('SandboxGone');
    expect(await isRunning(id)).toBe(true);
  });

  it('keep their name', async () => {
    const request = aRequest(template());
    const id = await world.stranger(request.name, { [LABELS.installation]: 'another' });
    const error = await failure(backend.create(request));
    expect(error.type).toBe('StartFailed');
    expect(error.message).toContain(`the name ${request.name} is taken`);
    expect(error.message).toContain(id.slice(0, 12));
    expect(await isRunning(id)).toBe(true);
  });

  it('are not reached by a part of an id, or by a name', async () => {
    const name = `wp-named-${process.pid}`;
    const id = await world.stranger(name, { [LABELS.installation]: world.installation });
    await succeed(backend.destroy(name));
    await succeed(backend.destroy(id.slice(0, 12)));
    expect(await isRunning(id)).toBe(true);
  });
});

describe('create', () => {
  it('refuses a name that a sandbox of another template has', async () => {
    const request = aRequest(template());
    const sandbox = await succeed(backend.create(request));
    const other = { ...request, templateHash: 'another' };
    expect(await failure(backend.create(other))).toMatchObject({ type: 'StartFailed' });
    expect(await isRunning(sandbox.uid)).toBe(true);
  });

  it('starts a container that was made and not started, and does not make another', async () => {
    const request = aRequest(template());
    const { uid } = await succeed(backend.create(request));
    const { Config } = await docker.getContainer(uid).inspect();
    await docker.getContainer(uid).remove({ force: true });
    const made = await docker.createContainer({ ...Config, name: request.name });
    expect((await find(backend, made.id))?.state).toBe('Starting');
    expect(await succeed(backend.create(request))).toMatchObject({
      uid: made.id,
      state: 'Running',
    });
  });

  it('replaces one of the name that has run and stopped, as it is not clean', async () => {
    const request = aRequest(template());
    const first = await succeed(backend.create(request));
    await docker.getContainer(first.uid).kill();
    const second = await succeed(backend.create(request));
    expect(second.uid).not.toBe(first.uid);
    expect(await find(backend, first.uid)).toBeUndefined();
  });

  it('says so when a command ends at once, is missing, or the engine knows no such runtime', async () => {
    expect(await why(template({ command: ['false'] }))).toMatch(/exited with status 1 at once/);
    expect(await why(template({ command: ['nope'] }))).toMatch(/"nope" is not in the image/);
    expect(await why(template({}, { runtimeClassName: 'no-such-runtime' }))).toMatch(
      /no-such-runtime/,
    );
  });

  it('refuses a template that it cannot honour, with the path of the field', async () => {
    const hostile = template({}, { hostNetwork: true } as Partial<PodTemplate['spec']>);
    const error = await failure(backend.create(aRequest(hostile)));
    expect(error).toMatchObject({
      type: 'StartFailed',
      message: 'spec.template.spec.hostNetwork has no counterpart on Docker',
    });
  });

  it('does not start as root what must not run as root', async () => {
    const nonRoot = template({ securityContext: { runAsNonRoot: true } });
    const error = await failure(backend.create(aRequest(nonRoot)));
    expect(error.message).toMatch(/runs as "root": set runAsUser/);
  });
});

describe('a sandbox', () => {
  it('has no capabilities, no way to gain rights, no network, and its own bounds', async () => {
    const { uid, name } = await make(template());
    const script = [
      'grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status',
      'ls /sys/class/net',
      'hostname',
      'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null',
      'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true',
    ].join('\n');
    const { stdout } = await run(backend, uid, sh(script));
    expect(stdout.replaceAll('\t', ' ').trim().split('\n')).toEqual([
      'CapEff: 0000000000000000',
      'CapBnd: 0000000000000000',
      'NoNewPrivs: 1',
      'Seccomp: 2',
      'lo',
      name,
      '256',
      String(512 * 2 ** 20),
    ]);
  });

  it('has an init process that reaps what it is left with', async () => {
    const { uid } = await make(template());
    await run(backend, uid, sh('(sleep 0.1 &) ; sleep 0.3'));
    const { stdout } = await run(backend, uid, sh('cat /proc/[0-9]*/stat'));
    expect(stdout).not.toMatch(/\) Z /);
  });

  it('has volumes that any of its users may write to, and that go with it', async () => {
    const of = template(
      {
        volumeMounts: [
          { name: 'disk', mountPath: '/data/disk' },
          { name: 'fast', mountPath: '/fast' },
        ],
        securityContext: { runAsUser: 1234, readOnlyRootFilesystem: true },
      },
      {
        volumes: [
          { name: 'disk', emptyDir: {} },
          { name: 'fast', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        ],
      },
    );
    const { uid } = await make(of);
    const script =
      'id -u; for d in /data/disk /fast; do echo "echo ran" >$d/x && sh $d/x; done; touch /no';
    const { stdout, stderr } = await run(backend, uid, sh(script));
    expect(stdout).toBe('1234\nran\nran\n');
    expect(stderr).toMatch(/Read-only file system/);
    const { end } = await run(backend, uid, sh('head -c 2000000 /dev/zero >/fast/big'));
    expect(end).not.toEqual({ type: 'Exited', exitCode: 0 });
    const { Mounts } = await docker.getContainer(uid).inspect();
    const volume = Mounts.find((mount) => mount.Destination === '/data/disk')?.Name ?? '';
    await docker.getVolume(volume).inspect();
    await succeed(backend.destroy(uid));
    await expect(docker.getVolume(volume).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('stops within its grace when asked to, as its first process hears TERM', async () => {
    const { uid } = await make(template({}, { terminationGracePeriodSeconds: 600 }));
    await docker.getContainer(uid).stop();
    expect(await find(backend, uid)).toMatchObject({
      state: 'Stopped',
      reason: 'exited with status 0',
    });
  });

  it('shows that a process which closed its output had not ended', async () => {
    const { uid } = await make(template());
    const { end } = await run(backend, uid, sh('exec >&- 2>&-; sleep 0.5; exit 5'));
    expect(end).toEqual({ type: 'Exited', exitCode: 5 });
  });
});
