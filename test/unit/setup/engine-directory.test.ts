import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { engineDirectory, ownEnginePid } from '../../../src/setup/engine-directory.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'warmpool-test-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A pid file, and a process table in which that number is the given program. */
const processIs = (pid: string, argv: readonly string[]): string => {
  const proc = join(root, 'proc');
  mkdirSync(join(proc, pid), { recursive: true });
  writeFileSync(join(proc, pid, 'cmdline'), `${argv.join('\0')}\0`);
  writeFileSync(engineDirectory(root).pid, `${pid}\n`);
  return proc;
};

describe('ownEnginePid', () => {
  it('is the process of the pid file when that is a dockerd with our data directory', () => {
    const { data } = engineDirectory(root);
    const proc = processIs('4711', ['/usr/sbin/dockerd', '--data-root', data]);
    expect(ownEnginePid(engineDirectory(root), proc)).toBe(4711);
  });

  it("never takes another engine's dockerd for ours", () => {
    const proc = processIs('4711', ['/usr/sbin/dockerd', '--data-root', '/var/lib/docker']);
    expect(ownEnginePid(engineDirectory(root), proc)).toBeUndefined();
  });

  it('never takes a program that got the same number for ours', () => {
    const { data } = engineDirectory(root);
    const proc = processIs('4711', ['vi', '--data-root', data]);
    expect(ownEnginePid(engineDirectory(root), proc)).toBeUndefined();
  });

  it('is nothing without a pid file, without the process, and for numbers that kill() reads as groups', () => {
    const directory = engineDirectory(root);
    expect(ownEnginePid(directory)).toBeUndefined();
    for (const pid of ['0', '-1', '1', 'x', '99999999']) {
      writeFileSync(directory.pid, pid);
      expect(ownEnginePid(directory)).toBeUndefined();
    }
  });
});
