import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { foreignShellsScript } from '../../../src/exec/end-orphans.js';
import { killAllScript, killScript } from '../../../src/exec/kill-script.js';
import { LIST_SCRIPT } from '../../../src/exec/process-list.js';
import { SHELL_ARGV, SHELL_LOOP } from '../../../src/exec/shell-loop.js';
import { directoryLine, requestLine } from '../../../src/exec/shell-protocol.js';

const shells: readonly (readonly [string, readonly string[]])[] = [
  ['dash', []],
  ['bash', ['--posix']],
  ['busybox', ['sh']],
];

const scripts: readonly (readonly [string, string])[] = [
  ['killScript', killScript({ marker: '123456789012345', shellPid: 999_999 }, '0')],
  ['killAllScript that finds nothing', killAllScript([]).replaceAll('kill -', ': -')],
  ['the process list', LIST_SCRIPT],
  ['the search for shells of another operator', foreignShellsScript('nobody')],
];

/** They run in the loop's own process, whose names are its memory. */
describe.each(scripts)('%s', (_name, script) => {
  it('touches no name of the loop', () =>
    expect(script.replaceAll(SHELL_ARGV.join(''), '')).not.toContain('wp_'));

  it.each(shells)(
    'is answered, and leaves the next command its place and mark, in %s',
    (shell, flags) => {
      const marker = '123456789012345';
      const lines = [
        directoryLine('/usr'),
        requestLine('NONCE1', 'subshell', { script: 'pwd', marker }),
        requestLine('NONCE2', 'direct', { script }),
        requestLine('NONCE3', 'subshell', { script: 'pwd; echo "$WARMPOOL_COMMAND"; set', marker }),
      ];
      const ran = spawnSync(shell, [...flags, ...SHELL_ARGV.slice(1)], {
        input: `${SHELL_LOOP}\n${lines.join('')}`,
        encoding: 'utf8',
      });
      expect(ran.stderr).toBe('NONCE1\nNONCE2\nNONCE3\n');
      expect(ran.stdout).toMatch(/\nNONCE2 \d+ 0\n\/usr\n123456789012345\n/u);
      expect(ran.stdout).not.toMatch(/^w[pk]_/mu);
    },
  );
});
