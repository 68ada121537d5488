import { describe, expect, it } from '@jest/globals';
import { openShell } from '../../src/exec/open-shell.js';
import { SHELL_ARGV } from '../../src/exec/shell-loop.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { done, type ShellHarness } from './shell.harness.js';

export const lifeClauses = (harness: ShellHarness): void => {
  const { openExec, open, shared, runIn, launch } = harness;

  describe('the life of the shell', () => {
    it('ends when it is closed, and says so to the command under way', async () => {
      const shell = await open();
      const victim = launch(shell, 'echo ready; sleep 1');
      await victim.ready;
      shell.close();
      shell.close();
      expect((await victim.answer).reply).toMatchObject({
        type: 'Lost',
        message: 'the shell was closed',
      });
      await shell.closed;
      expect(shell.alive).toBe(false);
    });

    it('runs many commands in a row without losing or mixing any', async () => {
      const shell = await shared();
      for (let count = 0; count < 200; count += 1) {
        const script = `echo ${count}; echo ${count} >&2; exit ${count % 200}`;
        expect(await runIn(shell, script)).toEqual({
          reply: done(count % 200),
          stdout: `${count}\n`,
          stderr: `${count}\n`,
        });
      }
    });

    it('gives NoShell for an image without sh', async () => {
      const opened = await openShell({
        open: openExec(['/warmpool/no/sh', ...SHELL_ARGV.slice(1)]),
        random: systemRandom,
        clock: systemClock,
      })();
      expect(opened).toMatchObject({ left: { type: 'NoShell' } });
    });
  });
};
