import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import {
  type CheckTemplate,
  formatManifestProblem,
  readManifests,
} from '../../../src/api/read-manifests.js';

const GOOD = `apiVersion: warmpool.dev/v1alpha1
kind: SandboxPool
metadata: { name: python }
spec:
  template:
    spec:
      containers:
        - name: sandbox
          image: busybox
`;
const LOST = Uint8Array.from([0xff, 0xfe]);

const problems = (content: string | Uint8Array, check?: CheckTemplate): readonly string[] => {
  const read = readManifests(content, 'pool.yaml', check);
  return E.isLeft(read) ? read.left.map(formatManifestProblem) : [];
};
const names = (content: string): readonly string[] => {
  const read = readManifests(content, 'pool.yaml');
  return E.isLeft(read) ? [] : read.right.map((pool) => pool.metadata.name);
};

const refusesPorts: CheckTemplate = () =>
  E.left([
    { path: 'spec.template.spec.containers[0].ports', message: 'has no counterpart on Docker' },
  ]);

describe('readManifests', () => {
  it('reads several documents, and skips empty ones', () => {
    const text = `---\n${GOOD}---\n# nothing\n---\n${GOOD.replace('python', 'ruby')}...\n`;
    expect(names(text)).toEqual(['python', 'ruby']);
  });

  it('reads JSON, indented by tabs too', () => {
    const pool = {
      apiVersion: 'warmpool.dev/v1alpha1',
      kind: 'SandboxPool',
      metadata: { name: 'python' },
      spec: { template: { spec: { containers: [{ name: 'a', image: 'b' }] } } },
    };
    expect(names(JSON.stringify(pool))).toEqual(['python']);
    expect(names(JSON.stringify(pool, null, '\t'))).toEqual(['python']);
  });

  it('reads files from other systems: a byte order mark, CRLF', () => {
    expect(names(GOOD.replaceAll('\n', '\r\n'))).toEqual(['python']);
    const bytes = Buffer.concat([Uint8Array.from([0xef, 0xbb, 0xbf]), Buffer.from(GOOD)]);
    expect(problems(bytes)).toEqual([]);
  });

  it('names every wrong field by path, line and reason, unsupported ones among them', () => {
    const text = `${GOOD}  replicas: -1
  recycle:
    onRelease: Reset
    schedule: "0 4 * * *"
    maxLeases: many
    workspace: Carry
  health: { command: ["true"] }
  replicaz: 3
  exec: { timeoutSeconds: 5, shells: 1 }
`;
    expect(problems(text)).toEqual([
      'pool.yaml:10:3: spec.replicas must be a whole number from 0 to 1000, but is the number -1',
      'pool.yaml:12:5: spec.recycle.onRelease Reset is not supported yet by this version; use Replace or Reuse',
      'pool.yaml:13:5: spec.recycle.schedule is not supported yet by this version; maxAgeSeconds replaces sandboxes by age',
      'pool.yaml:14:5: spec.recycle.maxLeases must be a whole number from 1 to 1000000, but is text',
      'pool.yaml:15:5: spec.recycle.workspace Carry is not supported yet by this version; use Discard',
      'pool.yaml:16:3: spec.health is not supported yet by this version; leave it out',
      'pool.yaml:17:3: spec.replicaz is not a known field',
      'pool.yaml:18:30: spec.exec.shells is not a known field',
    ]);
  });

  it('points at the nearest line for a field that is missing', () => {
    expect(problems(GOOD.replace('          image: busybox\n', ''))).toEqual([
      'pool.yaml:8:11: spec.template.spec.containers[0].image is required',
    ]);
  });

  it('reports all documents at once, and says which', () => {
    const bad = GOOD.replace('python', 'Python');
    const broken = 'a: [1\n';
    const found = problems(`${bad}---\n${broken}---\n${GOOD}---\n${GOOD}`);
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(/^pool.yaml:3:13: document 1: metadata.name must be/);
    expect(found[1]).toMatch(/^pool.yaml:1[12]:\d+: document 2: is not YAML/);
    expect(found[2]).toBe(
      'pool.yaml:25:13: document 4: metadata.name is the pool default/python again, which pool.yaml:15 defines',
    );
  });

  it('says what the backend refuses in the template, at its line', () => {
    const text = `${GOOD}          ports: [{ containerPort: 80 }]\n  replicas: x\n`;
    expect(problems(text, refusesPorts)).toEqual([
      'pool.yaml:10:11: spec.template.spec.containers[0].ports has no counterpart on Docker',
      'pool.yaml:11:3: spec.replicas must be a whole number from 0 to 1000, but is text',
    ]);
  });

  it('takes an exported manifest, whose status is the operator’s to write', () => {
    expect(problems(`${GOOD}status: { replicas: 3, anything: 1 }\n`)).toEqual([]);
  });

  it.each([
    [
      'apiVersion: v1\nkind: ConfigMap\n',
      ['1:1: apiVersion must be warmpool.dev/v1alpha1', '2:1: kind must be SandboxPool'],
    ],
    [GOOD.replace('v1alpha1', 'v9'), ['1:1: apiVersion must be warmpool.dev/v1alpha1']],
    [
      'spec: {}\n',
      ['1:1: apiVersion is required: warmpool.dev/v1alpha1', '1:1: kind is required: SandboxPool'],
    ],
    ['just text\n', ['1:1: must be a SandboxPool object']],
    ['- 1\n', ['1:1: must be a SandboxPool object']],
    ['', ['1: is empty']],
    [' \n\n', ['1: is empty']],
    [`${GOOD}kind: SandboxPool\n`, ['10:1: is not YAML: Map keys must be unique']],
    [GOOD.replace('busybox', '!image busybox'), ['9:18: is not YAML: Unresolved tag: !image']],
    [
      GOOD.replace('busybox', '*image'),
      ['9:18: uses an alias (*name) without an anchor (&name) before it'],
    ],
  ])('refuses %j', (text, wanted) => {
    expect(problems(text)).toEqual(wanted.map((each) => `pool.yaml:${each}`));
  });

  it('takes a file that holds comments only for one without pools', () => {
    expect(readManifests('# python: gone for now\n', 'f')).toEqual(E.right([]));
  });

  it('names the line that is not UTF-8', () => {
    expect(problems(Buffer.concat([Buffer.from(GOOD), LOST]))).toEqual([
      'pool.yaml:10: is not valid UTF-8',
    ]);
  });

  it('refuses files that are too large', () => {
    expect(problems(`${GOOD}#${'x'.repeat(1_048_576)}`)).toEqual([
      'pool.yaml:1: must not be larger than 1048576 bytes',
    ]);
  });

  it('does not unfold an alias bomb', () => {
    const lines = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`);
    expect(problems(`a0: &a0 x\n${lines.join('\n')}\n`)).toEqual([
      'pool.yaml:1:1: uses aliases (*name) too often',
    ]);
  });

  it('survives brackets without end, and things that contain themselves', () => {
    expect(problems('['.repeat(400_000)).length).toBeGreaterThan(0);
    expect(problems('{a: '.repeat(5000)).length).toBeGreaterThan(0);
    expect(problems(`${'['.repeat(100)}${']'.repeat(100)}`)).toEqual([
      'pool.yaml:1:1: must not be nested more than 64 levels deep',
    ]);
    expect(problems('a: &a [*a]\n')).toHaveLength(1);
  });

  it('reads anchors that are used honestly', () => {
    const text = GOOD.replace(
      'metadata: { name: python }',
      'metadata: { name: &n python, labels: { a: *n } }',
    );
    expect(names(text)).toEqual(['python']);
  });
});
