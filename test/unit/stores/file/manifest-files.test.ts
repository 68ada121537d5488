import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readManifestFiles } from '../../../../src/stores/file/manifest-files.js';

const setUp = () => {
  const root = mkdtempSync(join(tmpdir(), 'warmpool-manifests-'));
  const directory = join(root, 'pools');
  mkdirSync(directory);
  const file = join(directory, 'a.yaml');
  writeFileSync(file, 'a: 1\n');
  return { directory, file };
};

describe('manifest files', () => {
  it('tells a file that was deleted from a directory that went away', async () => {
    const { directory, file } = setUp();
    rmSync(directory, { recursive: true });
    const { files } = await readManifestFiles([directory, file]);
    expect(files.get(directory)).toMatchObject({ type: 'Unreadable' });
    expect(files.get(file)).toEqual({ type: 'Missing' });
  });

  it('finds the manifests of a directory', async () => {
    const { directory, file } = setUp();
    const { files } = await readManifestFiles([directory]);
    expect([...files.keys()]).toEqual([file]);
  });
});
