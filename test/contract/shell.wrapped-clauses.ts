import { describe, expect, it } from '@jest/globals';
import { done, type ShellHarness } from './shell.harness.js';

export const wrappedClauses = (harness: ShellHarness): void => {
  const { directory, run, wrap } = harness;

  describe('wrapped commands', () => {
    it('work in the directory of the thread, which is made for them alone', async () => {
      const threadDirectory = `${directory()}/new one/it's`;
      const script = wrap({ threadDirectory, command: 'pwd; ls -ld . | cut -c1-10' });
      const expected = { reply: done(0), stdout: `${threadDirectory}\ndrwx------\n`, stderr: '' };
      expect(await run(script)).toEqual(expected);
      expect(await run(script)).toEqual(expected);
    });

    it('come back to a directory that the thread locked', async () => {
      await run(wrap({ command: 'echo kept > file; chmod 0 .' }));
      expect(await run(wrap({ command: 'cat file' }))).toMatchObject({ stdout: 'kept\n' });
    });

    it('go from the directory of one thread to that of another', async () => {
      for (const name of ["it's", 'two\nlines ', 'plain']) {
        const threadDirectory = `${directory()}/${name}`;
        const { stdout } = await run(wrap({ threadDirectory, command: 'pwd' }));
        expect(stdout).toBe(`${threadDirectory}\n`);
      }
    });

    it('say so, with status 126, when a directory cannot be entered', async () => {
      const nowhere = await run(wrap({ threadDirectory: '/proc/1/nowhere', command: 'echo no' }));
      expect(nowhere).toMatchObject({ reply: done(126), stdout: '' });
      expect(nowhere.stderr).toContain('/proc/1/nowhere');
      const lost = await run(wrap({ cwd: 'no/such $dir', command: 'echo no' }));
      expect(lost).toMatchObject({ reply: done(126), stdout: '' });
      expect(lost.stderr).toContain('./no/such $dir');
    });

    it('start where they are told to, below the directory of the thread or anywhere', async () => {
      await run(wrap({ command: 'mkdir -p -- -odd "a b"' }));
      const here = `${directory()}/thread`;
      expect(await run(wrap({ cwd: '-odd', command: 'pwd' }))).toMatchObject({
        stdout: `${here}/./-odd\n`.replace('/./', '/'),
      });
      expect(await run(wrap({ cwd: 'a b', command: ['pwd'] }))).toMatchObject({
        stdout: `${here}/a b\n`,
      });
      expect(await run(wrap({ cwd: '/', command: ['pwd'] }))).toMatchObject({ stdout: '/\n' });
    });

    it('hand over any argument as it is', async () => {
      const argv = [
        '',
        ' ',
        "it's",
        '"',
        '\\',
        '\n',
        'a\nb\n',
        '$HOME',
        '*',
        '~',
        '-n',
        'いろ',
        'a=b',
        '`x`',
        '!x',
        '\t',
      ];
      const { stdout, reply } = await run(wrap({ command: ['printf', '[%s]', ...argv] }));
      expect(reply).toEqual(done(0));
      expect(stdout).toBe(argv.map((word) => `[${word}]`).join(''));
    });

    it('take names that shells treat their own way', async () => {
      expect(await run(wrap({ command: ['cd', '/'] }))).toMatchObject({ reply: done(127) });
      expect(await run(wrap({ command: ['-x'] }))).toMatchObject({ reply: done(127) });
      expect(await run(wrap({ command: [''] }))).toMatchObject({ reply: { type: 'Done' } });
      expect((await run(wrap({ command: [] }))).reply).not.toEqual(done(0));
      expect(await run(wrap({ command: ['if'] }))).toMatchObject({ reply: done(127) });
    });

    it('set the environment, whatever the values and names', async () => {
      const env = {
        PLAIN: 'x',
        LINES2: 'a\n\nb\n',
        QUOTES: `'"\\ $HOME \`id\``,
        WIDE: 'いろは\u0081',
        EMPTY: '',
        IFS: 'xyz',
        PPID: 'mine',
        UID: 'me',
        OPTIND: 'seven',
        PS4: '%',
      };
      const print = Object.keys(env).filter((name) => name !== 'IFS');
      const { stdout, reply } = await run(wrap({ env, command: ['env', '-0'] }));
      // busybox has no -0 in old versions
      const text = stdout.includes('\0') ? stdout.split('\0') : undefined;
      if (text !== undefined) {
        for (const [name, value] of Object.entries(env)) expect(text).toContain(`${name}=${value}`);
        expect(reply).toEqual(done(0));
      }
      const shellNames = print.filter((name) => !['PPID', 'UID', 'OPTIND', 'PS4'].includes(name));
      const echo = shellNames.map((name) => `printf '[%s]' "$${name}"`).join(';');
      expect(
        await run(
          wrap({ env: Object.fromEntries(Object.entries(env).slice(0, 5)), command: echo }),
        ),
      ).toMatchObject({
        stdout: Object.values(env)
          .slice(0, 5)
          .map((value) => `[${value}]`)
          .join(''),
      });
      expect((await run(wrap({ command: 'echo "${PLAIN-unset}"' }))).stdout).toBe('unset\n');
    });

    it('carry their marker', async () => {
      expect(
        await run(wrap({ command: ['sh', '-c', 'echo $WARMPOOL_COMMAND'] }, '123456789012345')),
      ).toMatchObject({ stdout: '123456789012345\n' });
    });
  });
};
