import { describe, expect, it } from '@jest/globals';
import { KEEP_ALIVE } from '../../../../src/backends/docker/to-process.js';
import { paths, settings } from './mapped-template.js';

/** What is wrong with a template that has one annotation. */
const ofAnnotation = (key: string, value: string): readonly string[] =>
  paths({}, {}, { metadata: { annotations: { [key]: value } } });
const annotationAt = (key: string): readonly string[] => [
  `spec.template.metadata.annotations["${key}"]`,
];

describe('toContainer', () => {
  it('is safe unless told otherwise', () => {
    expect(settings({}).settings.HostConfig).toMatchObject({
      NetworkMode: 'none',
      CapAdd: [],
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      PidsLimit: 256,
      Memory: 512 * 2 ** 20,
      MemorySwap: 512 * 2 ** 20,
      CpuPeriod: 100_000,
      CpuQuota: 100_000,
      Init: true,
      LogConfig: { Type: 'none' },
      RestartPolicy: { Name: 'no' },
    });
  });

  it('keeps a container up that has neither command nor args, and no other', () => {
    expect(settings({}).settings.Entrypoint).toEqual(KEEP_ALIVE);
    const own = settings({ command: ['sleep'], args: ['9'] }).settings;
    expect([own.Entrypoint, own.Cmd]).toEqual([['sleep'], ['9']]);
    const args = settings({ args: ['serve'] }).settings;
    expect([args.Entrypoint, args.Cmd]).toEqual([undefined, ['serve']]);
  });

  it('expands variables the way Kubernetes does', () => {
    const env = [{ name: 'A', value: 'one' }, { name: 'B', value: '$(A)-$(C)' }, { name: 'C' }];
    const plan = settings({ env, command: ['run', '$(B)', '$$(A)'] });
    expect(plan.settings.Env).toEqual(['A=one', 'B=one-$(C)', 'C=']);
    expect(plan.settings.Entrypoint).toEqual(['run', 'one-$(C)', '$(A)']);
  });

  it('takes limits as they are and requests as reservations', () => {
    const host = settings({
      resources: {
        limits: { cpu: '1500m', memory: '1Gi' },
        requests: { cpu: '250m', memory: '64Mi' },
      },
    }).settings.HostConfig;
    expect(host).toMatchObject({
      Memory: 2 ** 30,
      MemorySwap: 2 ** 30,
      MemoryReservation: 64 * 2 ** 20,
      CpuQuota: 150_000,
      CpuShares: 256,
    });
  });

  it('gives what is requested if that is more than the usual limit', () => {
    const host = settings({ resources: { requests: { cpu: 2, memory: '1Gi' } } }).settings
      .HostConfig;
    expect(host).toMatchObject({ Memory: 2 ** 30, CpuQuota: 200_000 });
  });

  it('loosens only what the template says', () => {
    const host = settings({
      securityContext: {
        allowPrivilegeEscalation: true,
        readOnlyRootFilesystem: true,
        capabilities: { add: ['CHOWN'] },
        seccompProfile: { type: 'Unconfined' },
      },
    }).settings.HostConfig;
    expect(host).toMatchObject({
      CapAdd: ['CHOWN'],
      CapDrop: ['ALL'],
      SecurityOpt: ['seccomp=unconfined'],
      ReadonlyRootfs: true,
    });
    const dropped = settings({ securityContext: { capabilities: { drop: ['NET_RAW'] } } });
    expect(dropped.settings.HostConfig?.CapDrop).toEqual(['NET_RAW']);
  });

  it('takes the user of the container before that of the pod', () => {
    const pod = { securityContext: { runAsUser: 1, runAsGroup: 2, supplementalGroups: [7] } };
    expect(settings({}, pod).settings).toMatchObject({
      User: '1:2',
      HostConfig: { GroupAdd: ['7'] },
    });
    expect(settings({ securityContext: { runAsUser: 5 } }, pod).settings.User).toBe('5:2');
    expect(settings({ securityContext: { runAsNonRoot: true } })).toMatchObject({
      imageUserMustNotBeRoot: true,
    });
  });

  it('makes emptyDir volumes in memory or on disk', () => {
    const plan = settings(
      {
        volumeMounts: [
          { name: 'scratch', mountPath: '/scratch' },
          { name: 'fast', mountPath: '/fast', readOnly: true },
        ],
      },
      {
        volumes: [
          { name: 'scratch', emptyDir: {} },
          { name: 'fast', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
        ],
      },
    );
    expect(plan.settings.HostConfig?.Tmpfs).toEqual({
      '/fast': 'ro,exec,nosuid,nodev,mode=1777,size=67108864',
    });
    expect(plan.settings.HostConfig?.Mounts).toMatchObject([
      { Type: 'volume', Source: '', Target: '/scratch' },
    ]);
    expect(plan.openDirectories).toEqual(['/scratch']);
  });

  it('carries labels, annotations, host name, runtime and grace period over', () => {
    const metadata = { labels: { team: 'a' }, annotations: { note: 'b c' } };
    const spec = { hostname: 'box', runtimeClassName: 'runsc', terminationGracePeriodSeconds: 9 };
    const plan = settings({}, spec, { metadata });
    expect(plan.labels).toEqual({ team: 'a', 'annotation.warmpool.dev/note': 'b c' });
    expect(plan.settings).toMatchObject({
      Hostname: 'box',
      StopTimeout: 9,
      HostConfig: { Runtime: 'runsc' },
    });
  });

  it('takes network and process limit from annotations', () => {
    const annotations = {
      'docker.warmpool.dev/network': 'builders',
      'docker.warmpool.dev/pids-limit': '512',
    };
    const host = settings({}, {}, { metadata: { annotations } }).settings.HostConfig;
    expect(host).toMatchObject({ NetworkMode: 'builders', PidsLimit: 512 });
    for (const value of ['host', 'container:x', '']) {
      const key = 'docker.warmpool.dev/network';
      expect(ofAnnotation(key, value)).toEqual(annotationAt(key));
    }
    expect(ofAnnotation('docker.warmpool.dev/pids-limit', '-1')).toHaveLength(1);
    expect(ofAnnotation('docker.warmpool.dev/netwrok', 'x')).toEqual(
      annotationAt('docker.warmpool.dev/netwrok'),
    );
  });

  it('accepts fields that ask for what Docker does anyway, or for nothing', () => {
    const spec = { hostNetwork: false, automountServiceAccountToken: false, tolerations: [] };
    expect(paths({ tty: false, ports: [], lifecycle: null }, spec)).toEqual([]);
  });
});
