import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { fieldPathText, fieldProblems } from '../../../src/api/field-problem.js';
import { SandboxPool } from '../../../src/api/sandbox-pool.js';
import { poolManifest } from '../../support/pool-manifest.js';

const problems = (manifest: unknown): readonly string[] => {
  const decoded = SandboxPool.decode(manifest);
  if (E.isRight(decoded)) return [];
  return fieldProblems(decoded.left).map(
    ({ path, message }) => `${fieldPathText(path)} ${message}`,
  );
};
const withSpec = (spec: Readonly<Record<string, unknown>>) => problems(poolManifest({ spec }));
const withContainers = (...containers: readonly unknown[]) =>
  withSpec({ template: { spec: { containers } } });

describe('a SandboxPool', () => {
  it('has all the documented defaults', () => {
    const decoded = SandboxPool.decode(poolManifest());
    expect(decoded).toEqual(
      E.right({
        apiVersion: 'warmpool.dev/v1alpha1',
        kind: 'SandboxPool',
        metadata: { name: 'python', namespace: 'default' },
        spec: {
          replicas: 1,
          template: { spec: { containers: [{ name: 'sandbox', image: 'busybox' }] } },
          lease: {
            durationSeconds: 3600,
            idleTimeoutSeconds: 600,
            queue: { maxLength: 100, timeoutSeconds: 30 },
          },
          recycle: {
            onRelease: 'Replace',
            maxAgeSeconds: 21_600,
            maxLeases: 50,
            timeZone: 'Etc/UTC',
            drainSeconds: 300,
            workspace: 'Discard',
          },
          exec: {
            workingDirectory: '/workspace',
            residentShells: 2,
            timeoutSeconds: 60,
            maxOutputBytes: 10_485_760,
          },
          updateStrategy: { maxUnavailable: '25%' },
        },
      }),
    );
  });

  it('decodes to itself once all defaults are filled in', () => {
    const once = SandboxPool.decode(poolManifest());
    expect(E.isRight(once) && SandboxPool.is(once.right)).toBe(true);
    expect(SandboxPool.is(poolManifest())).toBe(false);
  });

  it.each([
    [{ replicas: -1 }, 'spec.replicas must be a whole number from 0 to 1000, but is the number -1'],
    [
      { replicas: 1e12 },
      'spec.replicas must be a whole number from 0 to 1000, but is the number 1000000000000',
    ],
    [
      { replicas: 1.5 },
      'spec.replicas must be a whole number from 0 to 1000, but is the number 1.5',
    ],
    [{ replicas: '3' }, 'spec.replicas must be a whole number from 0 to 1000, but is text'],
    [
      { replicas: Number.NaN },
      'spec.replicas must be a whole number from 0 to 1000, but is the number NaN',
    ],
    [{ lease: null }, 'spec.lease must be an object, but is empty'],
    [
      { exec: { residentShells: 17 } },
      'spec.exec.residentShells must be a whole number from 0 to 16, but is the number 17',
    ],
    [
      { exec: { workingDirectory: 'workspace' } },
      'spec.exec.workingDirectory must be an absolute path without control characters',
    ],
    [{ replica: 3 }, 'spec.replica is not a known field'],
    [{ Replicas: 3 }, 'spec.Replicas is not a known field; did you mean replicas?'],
    [
      { recycle: { onRelease: 'replace' } },
      'spec.recycle.onRelease must be one of Replace, Reset, Reuse',
    ],
    [
      { updateStrategy: { maxUnavailable: '0%' } },
      'spec.updateStrategy.maxUnavailable must be a whole number from 1 to 1000, or a share from "1%" to "100%"',
    ],
    [{ template: undefined }, 'spec.template is required'],
  ])('names the field and the reason: %j', (spec, message) => {
    expect(withSpec(spec)).toEqual([message]);
  });

  it('names every wrong field at once, rules over several fields included', () => {
    expect(
      withSpec({ replicas: 9, maxSandboxes: 5, lease: { durationSeconds: 0, idle: 1 }, exec: [] }),
    ).toEqual([
      'spec.lease.idle is not a known field',
      'spec.lease.durationSeconds must be a whole number from 1 to 2592000, but is the number 0',
      'spec.exec must be an object, but is a list',
      'spec.maxSandboxes must be at least as large as replicas',
    ]);
  });

  it('never has a ceiling below its replicas', () => {
    expect(withSpec({ replicas: 5, maxSandboxes: 4 })).toHaveLength(1);
    expect(withSpec({ replicas: 5, maxSandboxes: 5 })).toEqual([]);
  });

  it.each(['', 'Python', 'a.b', '-a', 'a_b', '../x', 'x'.repeat(64), 'ü'])(
    'is not called %j',
    (name) => expect(problems({ ...poolManifest(), metadata: { name } })).toHaveLength(1),
  );

  it('takes the metadata that an API server writes', () => {
    const metadata = {
      name: 'x',
      uid: '1',
      generation: 3,
      creationTimestamp: null,
      resourceVersion: '7',
      managedFields: [],
    };
    expect(problems({ ...poolManifest(), metadata })).toEqual([]);
  });
});

describe('the template', () => {
  const container = { name: 'sandbox', image: 'busybox' };

  it('keeps fields that this program does not know', () => {
    const template = {
      metadata: { creationTimestamp: null, labels: { a: 'b' } },
      spec: {
        hostNetwork: true,
        containers: [{ ...container, livenessProbe: { exec: { command: ['true'] } } }],
      },
    };
    const decoded = SandboxPool.decode(poolManifest({ spec: { template } }));
    expect(E.isRight(decoded) && decoded.right.spec.template).toEqual(template);
  });

  it('keeps a key like __proto__ a key', () => {
    const labels: unknown = JSON.parse('{"__proto__": "x"}');
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const decoded = SandboxPool.decode(poolManifest({ spec: { template } }));
    const kept = E.isRight(decoded) ? decoded.right.spec.template.metadata?.labels : undefined;
    expect(Object.keys(kept ?? {})).toEqual(['__proto__']);
  });

  it('has one container, or one named "sandbox"', () => {
    const path = 'spec.template.spec.containers';
    expect(withContainers({ name: 'only', image: 'x' })).toEqual([]);
    expect(withContainers(container, { name: 'helper', image: 'x' })).toEqual([]);
    expect(withContainers({ name: 'a', image: 'x' }, { name: 'b', image: 'x' })).toEqual([
      `${path} must hold exactly one container, or one named "sandbox"`,
    ]);
    expect(withContainers()).toEqual([`${path} must have 1 to 16 items, but has 0`]);
    expect(withContainers(container, container)).toEqual([
      `${path}[1] has the same name as another item`,
    ]);
  });

  it('says which part of a container is wrong, and never shows a value that may be secret', () => {
    const wrong = { ...container, image: '', env: [{ name: 'PIN', value: 1234 }] };
    expect(withContainers(wrong)).toEqual([
      'spec.template.spec.containers[0].image must not be empty',
      'spec.template.spec.containers[0].env[0].value must be text, but is a number (put it in quotes)',
    ]);
  });

  it.each(['500m', '1.5', '512Mi', '1e3', 2, 0])('takes the quantity %j', (cpu) => {
    expect(withContainers({ ...container, resources: { limits: { cpu } } })).toEqual([]);
  });

  it.each(['-1', '1 Gi', 'lots', -1, 0.5, null, ''])('refuses the quantity %j', (cpu) => {
    expect(withContainers({ ...container, resources: { limits: { cpu } } })).toHaveLength(1);
  });

  it("may not set the operator's own labels", () => {
    const metadata = { labels: { 'warmpool.dev/pool': 'other' } };
    expect(withSpec({ template: { metadata, spec: { containers: [container] } } })).toEqual([
      "spec.template.metadata.labels must not use keys that start with warmpool.dev/: they are the operator's own",
    ]);
  });
});
