import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { SHELL_ARGV, SHELL_LOOP } from '../../../src/exec/shell-loop.js';

const shells: readonly (readonly [string, readonly string[]])[] = [
  ['dash', []],
  ['bash', ['--posix']],
  ['busybox', ['sh']],
];

describe('shell loop', () => {
  it('is one line, loaded by an argument short enough for a process list', () => {
    expect(SHELL_LOOP).not.toContain('\n');
    expect(SHELL_ARGV.join(' ').length).toBeLessThan(60);
  });

  it.each(shells)('greets, answers a request and ends with its input, in %s', (shell, flags) => {
    const ran = spawnSync(shell, [...flags, ...SHELL_ARGV.slice(1)], {
      input: `${SHELL_LOOP}\nNONCE r - echo out; echo err >&2; exit 3\n`,
      encoding: 'utf8',
    });
    expect(ran.stdout).toMatch(/^warmpool-shell-2 \d+\nout\nNONCE 3 [01]\n$/u);
    expect(ran.stderr).toBe('err\nNONCE\n');
  });

  it.each(shells)('ends without an answer when the request is cut short, in %s', (shell, flags) => {
    const ran = spawnSync(shell, [...flags, ...SHELL_ARGV.slice(1)], {
      input: `${SHELL_LOOP}\nNONCE r - echo out`,
      encoding: 'utf8',
    });
    expect(ran.stdout).toMatch(/^warmpool-shell-2 \d+\n$/u);
  });
});
