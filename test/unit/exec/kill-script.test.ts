import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { killAllScript, killScript } from '../../../src/exec/kill-script.js';

const scripts: readonly (readonly [string, string])[] = [
  ['killScript', killScript({ marker: '123456789012345', shellPid: 12 }, 'TERM')],
  ['killScript without a shell', killScript({ marker: '123456789012345' }, 'KILL')],
  ['killScript that only looks', killScript({ marker: '123456789012345' }, '0')],
  ['killAllScript', killAllScript([7, 8])],
];

describe.each(scripts)('%s', (_name, script) => {
  it.each([
    ['dash', []],
    ['bash', ['--posix']],
    ['busybox', ['sh']],
  ])('is understood by %s', (shell, flags) => {
    expect(spawnSync(shell, [...flags, '-n', '-c', script]).status).toBe(0);
  });

  it('is one line of builtins: no subshell, no program, no exit', () => {
    expect(script).not.toContain('\n');
    expect(script).not.toMatch(/\$\([^(]|`|\bexit\b|\bsleep\b/u);
  });

  it('never touches PID 1', () => {
    expect(script).toContain('wk_y=" 1 $$ ');
  });
});

it('only looks when the signal is 0', () => {
  const script = killScript({ marker: '123456789012345' }, '0');
  expect(script).not.toContain('kill ');
});

it('finds nothing of a marker that nobody carries', () => {
  const script = killScript({ marker: '999999999999999' }, '0');
  expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe('0\n');
});
