import { describe, expect, it } from '@jest/globals';
import { paths } from './mapped-template.js';

const SPEC = 'spec.template.spec';
const FIRST = `${SPEC}.containers[0]`;

describe('toContainer', () => {
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
