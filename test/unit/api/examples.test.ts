import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { formatManifestProblem, readManifests } from '../../../src/api/read-manifests.js';
import { toContainer } from '../../../src/backends/docker/to-container.js';

const directory = fileURLToPath(new URL('../../../manifests/examples/', import.meta.url));
const files = readdirSync(directory);

const read = (file: string) => {
  const result = readManifests(readFileSync(`${directory}${file}`), file);
  return E.isLeft(result) ? result.left.map(formatManifestProblem) : result.right;
};

describe('the example manifests', () => {
  it('are several', () => expect(files.length).toBeGreaterThanOrEqual(4));

  it.each(files)('%s can be used as it is', (file) => {
    expect(read(file)).toContainEqual(expect.objectContaining({ kind: 'SandboxPool' }));
  });

  it.each(files)('%s asks for nothing that the Docker engine cannot give', (file) => {
    const manifests = readManifests(readFileSync(`${directory}${file}`), file);
    const pools = E.isRight(manifests) ? manifests.right : [];
    expect(pools.map(({ spec }) => toContainer(spec.template))).toEqual(
      pools.map(() => expect.objectContaining({ _tag: 'Right' })),
    );
  });

  it('show a file with several pools', () => expect(read('several.yaml')).toHaveLength(2));
});
