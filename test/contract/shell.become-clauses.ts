import { describe, expect, it } from '@jest/globals';
import { collect, done, type ShellHarness } from './shell.harness.js';

export const becomeClauses = (harness: ShellHarness): void => {
  const { open, wrap } = harness;

  describe('become', () => {
    it('feeds the command and gives its status', async () => {
      const shell = await open();
      const stdin = Buffer.from('line 1\nline 2\n\u0000\u00ff no newline');
      const answer = await collect((sink) =>
        shell.become({ ...wrap({ command: 'cat; exit 5' }), sink }, stdin),
      );
      expect(answer).toEqual({ reply: done(5), stdout: stdin.toString(), stderr: '' });
      expect(shell.alive).toBe(false);
      await shell.closed;
    });

    it('gives every byte to the command, none to the loop', async () => {
      const shell = await open();
      const request = wrap({ command: 'read -r one; echo "<$one>"; cat', env: { A: 'b\nc' } });
      const answer = await collect((sink) =>
        shell.become({ ...request, sink }, Buffer.from('a b\nrest\n')),
      );
      expect(answer).toMatchObject({ reply: done(0), stdout: '<a b>\nrest\n' });
    });

    it('takes megabytes, empty input, and a command that does not read it', async () => {
      const big = Buffer.alloc(3_000_000, 'x');
      const count = await collect(async (sink) =>
        (await open()).become({ ...wrap({ command: ['wc', '-c'] }), sink }, big),
      );
      expect(count.stdout.trim()).toBe('3000000');
      const none = await collect(async (sink) =>
        (await open()).become({ ...wrap({ command: ['cat'] }), sink }, Buffer.alloc(0)),
      );
      expect(none).toEqual({ reply: done(0), stdout: '', stderr: '' });
      const unread = await collect(async (sink) =>
        (await open()).become({ ...wrap({ command: 'exit 3' }), sink }, big),
      );
      expect(unread.reply).toEqual(done(3));
    });

    it('does not wait for a background process that keeps the output open', async () => {
      const shell = await open();
      const answer = await collect((sink) =>
        shell.become({ ...wrap({ command: 'sleep 100 & cat' }), sink }, Buffer.from('in')),
      );
      expect(answer).toMatchObject({ reply: done(0, true), stdout: 'in' });
    });
  });
};
