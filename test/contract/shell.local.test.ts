import { describe, expect, it } from '@jest/globals';
import { createLocalSandbox } from '../support/local-exec.js';
import { shellContract } from './shell.contract.js';
import { done, shellHarness } from './shell.harness.js';

shellContract('dash', () => createLocalSandbox('/usr/bin/dash'));
shellContract('bash', () => createLocalSandbox('/usr/bin/bash'));
shellContract('busybox ash', () => createLocalSandbox('/usr/bin/busybox'));

describe('a resident shell without a /proc of its own', () => {
  const { open, run } = shellHarness(() =>
    createLocalSandbox('/usr/bin/dash', { foreignProc: true }),
  );

  it('calls every command dirty, as it cannot know better', async () => {
    expect(await run('echo hi')).toEqual({ reply: done(0, true), stdout: 'hi\n', stderr: '' });
    expect((await open()).pid).toBeGreaterThan(1);
  });
});
