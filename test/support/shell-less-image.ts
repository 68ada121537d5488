import { execFileSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from './docker.js';

/** Programs that the image has, each of them the same static binary; `sh` is not among them. */
const PROGRAMS = ['true', 'sleep', 'cat', 'env', 'pwd'];

/** Imports an image that holds a few programs and no shell; answers its name. */
export const importShellLessImage = async (tag: string): Promise<string> => {
  const root = mkdtempSync(join(tmpdir(), 'warmpool-no-shell-'));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const [first = '', ...others] = PROGRAMS.map((name) => join(bin, name));
  copyFileSync('/bin/busybox', first);
  for (const name of others) linkSync(first, name);
  const archive = join(root, '..', `warmpool-no-shell-${tag}.tar`);
  execFileSync('tar', ['-C', root, '-cf', archive, 'bin']);
  const progress = await docker.importImage(archive, { repo: 'warmpool.local/no-shell', tag });
  await new Promise<void>((resolve, reject) => {
    progress.on('end', () => resolve());
    progress.on('error', reject);
    progress.resume();
  });
  rmSync(root, { recursive: true, force: true });
  rmSync(archive, { force: true });
  return `warmpool.local/no-shell:${tag}`;
};
