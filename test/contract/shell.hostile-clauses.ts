import { describe, expect, it } from '@jest/globals';
import { done, type ShellHarness } from './shell.harness.js';

export const hostileClauses = (harness: ShellHarness): void => {
  const { open, shared, run, runIn, wrap } = harness;

  describe('hostile and clumsy commands', () => {
    it.each([
      ['a lone quote', `echo "it's`, 2],
      ['an unclosed parenthesis', '(', 2],
      ['a stray end', 'done', 2],
      ['exit', 'exit 7', 7],
      ['set -e', 'set -e; false; echo never', 1],
      ['set -u', 'set -u; echo ${nothing_here?gone}; echo never', undefined],
      ['a missing command', 'warmpool-no-such-command', 127],
      ['a directory as command', '/', 126],
      ['its own death', 'kill -9 "$(exec sh -c \'echo $PPID\')"', 137],
      ['a terminated child', "sh -c 'kill -TERM $$'; exit $?", 143],
      ['exec that fails', 'exec /warmpool/no/such', 127],
      ['closed outputs', 'exec >&- 2>&-; exit 4', 4],
      ['redirected outputs', 'exec >/dev/null 2>&1; echo hidden; exit 5', 5],
      ['closed everything', 'exec 0<&- 1>&- 2>&- 3>&- 9>&-; exit 6', 6],
      ['no file descriptors', 'ulimit -n 3; exit 8', 8],
      ['a readonly IFS', 'IFS=0123456789; readonly IFS; exit 9', 9],
      [
        'names of the loop made readonly',
        'wp_k=1; wp_x=2; wp_s=3; readonly wp_k wp_x wp_s; exit 10',
        10,
      ],
      [
        'functions in place of builtins',
        'printf() { echo bad; }; read() { echo bad; }; exit 11',
        11,
      ],
      ['aliases', 'alias printf=false read=false eval=false; exit 12', 12],
      ['traps', 'trap "exit 13" EXIT; exit 1', 13],
      ['ignored signals', 'trap "" TERM INT HUP PIPE CHLD; exit 14', 14],
      ['a return', 'f() { return 16; }; f; exit $?', 16],
      ['a full stop of the shell by limits', 'ulimit -f 0; ulimit -s 100; exit 17', 17],
    ])('survives %s', async (_what, script, status) => {
      const shell = await shared();
      for (const text of [script, wrap({ command: script })]) {
        const { reply } = await runIn(shell, text);
        expect(reply).toMatchObject({ type: 'Done', dirty: false });
        if (status !== undefined) expect(reply).toMatchObject({ exitCode: status });
        expect(await runIn(shell, 'echo fine; echo fine >&2')).toEqual({
          reply: done(0),
          stdout: 'fine\n',
          stderr: 'fine\n',
        });
      }
    });

    it('tells of a signal that ended the command, and adds nothing to its stderr', async () => {
      for (const [signal, status] of [
        ['KILL', 137],
        ['TERM', 143],
        ['INT', 130],
        ['PIPE', 141],
      ] as const) {
        const script = wrap({ command: ['sh', '-c', `kill -${signal} $$; sleep 5`] });
        expect(await run(script)).toEqual({ reply: done(status), stdout: '', stderr: '' });
      }
    });

    it('finds no loop to break out of but its own', async () => {
      for (const word of ['break', 'continue', 'break 9']) {
        const command = `for i in 1 2; do echo $i; ${word}; done >/dev/null; ${word} 2>/dev/null; exit 15`;
        expect(await run(wrap({ command }))).toEqual({ reply: done(15), stdout: '', stderr: '' });
      }
    });

    it('has a process id of its own to kill', async () => {
      const { pid } = await shared();
      const { stdout } = await run(wrap({ command: 'echo $$' }));
      expect(Number(stdout)).toBeGreaterThan(pid);
      for (const command of ['kill -9 $$', 'kill -9 ${$}; sleep 60']) {
        expect(await run(wrap({ command }))).toMatchObject({ reply: done(137), stderr: '' });
      }
      const trapped = 'trap "echo caught; exit 3" TERM; kill $$; sleep 60';
      expect(await run(wrap({ command: trapped }))).toMatchObject({
        reply: done(3),
        stdout: 'caught\n',
      });
    });

    it('leaves its own loops in a text too long for a program, too', async () => {
      const long = `: ${'x'.repeat(140_000)}`;
      const command = `${long}; for i in 1 2; do echo $i; break; done; exit 15`;
      expect(await run(wrap({ command }))).toEqual({ reply: done(15), stdout: '1\n', stderr: '' });
    });

    it('runs a trap of the command after its last command', async () => {
      const command = 'trap "echo bye" EXIT; sh -c "echo last"';
      expect(await run(wrap({ command }))).toMatchObject({ stdout: 'last\nbye\n' });
    });

    it.each(['kill -9 $$', 'kill $$; sleep 60', 'kill -HUP $$; sleep 60'])(
      'is lost, and says so, when the command kills it: %s',
      async (script) => {
        const shell = await open();
        const { reply } = await runIn(shell, `sleep 61 </dev/null >/dev/null 2>&1 & ${script}`);
        expect(reply).toMatchObject({ type: 'Lost' });
        await shell.closed;
        expect(shell.alive).toBe(false);
        expect((await runIn(shell, ':')).reply).toMatchObject({ type: 'Lost' });
      },
    );

    it('shows the command neither the nonce nor anything else of the loop', async () => {
      const { stdout } = await run(`set; env; echo "args: $#"`);
      expect(stdout).not.toMatch(/^wp_/m);
      expect(stdout).not.toMatch(/[0-9a-f]{16}/);
      expect(stdout).toContain('args: 0');
    });

    it('lets no state of one command reach the next', async () => {
      await run(
        'leak=1; export leak; cd /; umask 077; ulimit -n 50; trap "echo leaked" EXIT TERM; set -f -u; alias ls=leak; leak() { :; }; exec 5>/dev/null',
      );
      const look =
        'echo "${leak-none}"; pwd; umask; ulimit -n; trap; echo "$-"; alias; command -v leak';
      const fresh = await runIn(await open(), look);
      expect((await run(look)).stdout).toBe(fresh.stdout);
      expect(fresh.stdout).toMatch(/^none\n/);
    });

    it('does not let a command make the output of the next one non-blocking', async () => {
      // dd sets the flag on the open file, which the shell would share without reopening
      await run('dd if=/dev/null oflag=nonblock conv=notrunc 2>/dev/null');
      const flags = await run(
        'while read -r key value; do case $key in flags:) echo $value;; esac; done </proc/self/fdinfo/1',
      );
      expect((Number.parseInt(flags.stdout, 8) & 0o4000) === 0).toBe(true);
    });
  });
};
