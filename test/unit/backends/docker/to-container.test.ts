import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { PodTemplate } from '../../../../src/api/pod-template.js';
import { toContainer } from '../../../../src/backends/docker/to-container.js';
import { KEEP_ALIVE } from '../../../../src/backends/docker/to-process.js';

/** A template as a manifest has it, decoded. */
const decode = (container: object, spec: object = {}, rest: object = {}): PodTemplate => {
  const decoded = PodTemplate.decode({
    ...rest,
    spec: { containers: [{ name: 'sandbox', image: 'busybox:1', ...container }], ...spec },
  });
  if (E.isRight(decoded)) return decoded.right;
  throw new Error(decoded.left.map((error) => error.message).join());
};

const settings = (...template: Parameters<typeof decode>) => {
  const plan = toContainer(decode(...template));
  if (E.isRight(plan)) return plan.right;
  throw new Error(JSON.stringify(plan.left));
};

const paths = (...template: Parameters<typeof decode>): readonly string[] => {
  const plan = toContainer(decode(...template));
  return E.isLeft(plan) ? plan.left.map((problem) => problem.path) : [];
};

const SPEC = 'spec.template.spec';
const FIRST = `${SPEC}.containers[0]`;

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
    const of = (key: string, value: string): readonly string[] =>
      paths({}, {}, { metadata: { annotations: { [key]: value } } });
    const at = (key: string): readonly string[] => [`spec.template.metadata.annotations["${key}"]`];
    for (const value of ['host', 'container:x', '']) {
      const key = 'docker.warmpool.dev/network';
      expect(of(key, value)).toEqual(at(key));
    }
    expect(of('docker.warmpool.dev/pids-limit', '-1')).toHaveLength(1);
    expect(of('docker.warmpool.dev/netwrok', 'x')).toEqual(at('docker.warmpool.dev/netwrok'));
  });

  it('accepts fields that ask for what Docker does anyway, or for nothing', () => {
    const spec = { hostNetwork: false, automountServiceAccountToken: false, tolerations: [] };
    expect(paths({ tty: false, ports: [], lifecycle: null }, spec)).toEqual([]);
  });

  const refused: readonly (readonly [path: string, container: object, spec?: object])[] = [
    [`${SPEC}.hostNetwork`, {}, { hostNetwork: true }],
    [`${SPEC}.nodeSelector`, {}, { nodeSelector: { disk: 'ssd' } }],
    [`${SPEC}.initContainers`, {}, { initContainers: [{ name: 'x' }] }],
    [`${SPEC}.restartPolicy`, {}, { restartPolicy: 'Always' }],
    [`${SPEC}.serviceAccountName`, {}, { serviceAccountName: 'x' }],
    [`${SPEC}.securityContext.fsGroup`, {}, { securityContext: { fsGroup: 1 } }],
    [`${SPEC}.securityContext.sysctls`, {}, { securityContext: { sysctls: [{}] } }],
    [
      `${SPEC}.volumes[0].hostPath`,
      {},
      { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] },
    ],
    [
      `${SPEC}.volumes[0].emptyDir.sizeLimit`,
      {},
      { volumes: [{ name: 'v', emptyDir: { sizeLimit: 1 } }] },
    ],
    [`${FIRST}.livenessProbe`, { livenessProbe: { exec: {} } }],
    [`${FIRST}.ports`, { ports: [{ containerPort: 80 }] }],
    [`${FIRST}.envFrom`, { envFrom: [{ secretRef: {} }] }],
    [`${FIRST}.env[0].valueFrom`, { env: [{ name: 'A', valueFrom: { fieldRef: {} } }] }],
    [`${FIRST}.image`, { image: '../x' }],
    [
      `${FIRST}.resources.limits["nvidia.com/gpu"]`,
      { resources: { limits: { 'nvidia.com/gpu': 1 } } },
    ],
    [
      `${FIRST}.resources.limits.ephemeral-storage`,
      { resources: { limits: { 'ephemeral-storage': '1Gi' } } },
    ],
    [`${FIRST}.resources.limits.memory`, { resources: { limits: { memory: '1Mi' } } }],
    [
      `${FIRST}.resources.requests.cpu`,
      { resources: { limits: { cpu: 1 }, requests: { cpu: 2 } } },
    ],
    [`${FIRST}.resources.claims`, { resources: { claims: [{ name: 'x' }] } }],
    [`${FIRST}.securityContext.procMount`, { securityContext: { procMount: 'Unmasked' } }],
    [
      `${FIRST}.securityContext.seccompProfile.type`,
      { securityContext: { seccompProfile: { type: 'Localhost' } } },
    ],
    [
      `${FIRST}.securityContext.allowPrivilegeEscalation`,
      { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    ],
    [`${SPEC}.securityContext.runAsGroup`, {}, { securityContext: { runAsGroup: 5 } }],
    [
      `${SPEC}.securityContext.runAsNonRoot`,
      {},
      { securityContext: { runAsUser: 0, runAsNonRoot: true } },
    ],
    [`${FIRST}.volumeMounts[0].name`, { volumeMounts: [{ name: 'none', mountPath: '/x' }] }],
    [
      `${FIRST}.volumeMounts[0].subPath`,
      { volumeMounts: [{ name: 'v', mountPath: '/x', subPath: 'y' }] },
      { volumes: [{ name: 'v', emptyDir: {} }] },
    ],
    [
      `${FIRST}.volumeMounts[0].mountPath`,
      { volumeMounts: [{ name: 'v', mountPath: '/a/..' }] },
      { volumes: [{ name: 'v', emptyDir: {} }] },
    ],
  ];

  it.each(refused.map(([path, container, spec]) => ({ path, container, spec })))(
    'refuses $path',
    ({ path, container, spec }) => {
      expect(paths(container, spec)).toEqual([path]);
    },
  );

  it('refuses a second container, whichever is the sandbox', () => {
    const containers = [
      { name: 'helper', image: 'x:1' },
      { name: 'sandbox', image: 'y:1' },
    ];
    expect(paths({}, { containers })).toEqual([`${SPEC}.containers[0]`]);
  });

  it('names every wrong field at once', () => {
    expect(paths({ stdin: true }, { hostPID: true, hostIPC: true })).toHaveLength(3);
  });
});
