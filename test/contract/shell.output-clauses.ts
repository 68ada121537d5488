import { describe, expect, it } from '@jest/globals';
import { done, type ShellHarness } from './shell.harness.js';

export const outputClauses = (harness: ShellHarness): void => {
  const { shared, run, runIn, wrap } = harness;

  describe('output and status', () => {
    it('gives status, stdout and stderr as they are, with no newline added or removed', async () => {
      expect(await run('printf out; printf err >&2; exit 3')).toEqual({
        reply: done(3),
        stdout: 'out',
        stderr: 'err',
      });
      expect(await run('printf "\\n\\n"; true')).toMatchObject({
        stdout: '\n\n',
        reply: done(0),
      });
    });

    it('says nothing when the command says nothing', async () => {
      expect(await run(':')).toEqual({ reply: done(0), stdout: '', stderr: '' });
    });

    it('keeps bytes that are no text, and a megabyte of them', async () => {
      const chunks: Buffer[] = [];
      const shell = await shared();
      const reply = await shell.run({
        script: 'head -c 1000000 /dev/zero; printf "\\377\\200\\001"',
        sink: (_name, bytes) => {
          chunks.push(Buffer.from(bytes));
        },
      });
      const all = Buffer.concat(chunks);
      expect(reply).toEqual(done(0));
      expect(all.length).toBe(1_000_003);
      expect(all.subarray(-4)).toEqual(Buffer.from([0, 255, 128, 1]));
    });

    it('gives a command no input', async () => {
      expect(await run('cat; read -r line; echo "$?"')).toMatchObject({ stdout: '1\n' });
    });

    it.each([
      ['a carriage return', "printf 'a\rb'", 'a\rb'],
      ['several lines', 'for i in 1 2\ndo\n  echo $i\ndone', '1\n2\n'],
      ['a here-document', 'cat <<X\n  it\'s "quoted" \\\\ $((1+1))\nX', '  it\'s "quoted" \\ 2\n'],
      ['Unicode', "printf %s 'いろは 👋 \u0081\u0084 é'", 'いろは 👋 \u0081\u0084 é'],
      ['backslashes', "printf %s '\\\\ \\n \\'", '\\\\ \\n \\'],
      ['a backslash before a last space', 'printf "[%s]" \\ ', '[ ]'],
      ['a comment at the end', 'echo hi # it', 'hi\n'],
      ['only spaces', '   ', ''],
      ['nothing', '', ''],
    ])('takes %s', async (_what, script, stdout) => {
      expect(await run(script)).toEqual({ reply: done(0), stdout, stderr: '' });
      expect(await run(wrap({ command: script }))).toEqual({
        reply: done(0),
        stdout,
        stderr: '',
      });
    });

    it('takes a script of a megabyte, in one line or in many', async () => {
      const long = 'x'.repeat(1_000_000);
      expect(await run(`a='${long}'; echo \${#a}`)).toMatchObject({ stdout: '1000000\n' });
      const many = 'a=$((a+1))\n'.repeat(20_000);
      expect(await run(`a=0\n${many}echo $a`)).toMatchObject({ stdout: '20000\n' });
    });

    it('keeps a chatty command from filling memory: a sink that waits holds it back', async () => {
      const shell = await shared();
      let open = 0;
      let most = 0;
      let bytes = 0;
      const reply = await shell.run({
        script: 'head -c 3000000 /dev/zero; head -c 300000 /dev/zero >&2',
        sink: async (_name, chunk) => {
          open += 1;
          most = Math.max(most, open);
          bytes += chunk.length;
          await new Promise((resolve) => setImmediate(resolve));
          open -= 1;
        },
      });
      expect(reply).toEqual(done(0));
      expect(bytes).toBe(3_300_000);
      expect(open).toBe(0);
      expect(most).toBeLessThanOrEqual(2);
    });

    it('refuses a second request while one is under way', async () => {
      const shell = await shared();
      const first = runIn(shell, 'echo one');
      expect(shell.busy).toBe(true);
      expect(() => shell.run({ script: ':', sink: () => undefined })).toThrow('busy');
      expect(await first).toMatchObject({ stdout: 'one\n' });
      expect(shell.busy).toBe(false);
    });
  });
};
