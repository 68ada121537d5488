import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { OutputSink } from '../../src/exec/command.js';
import { killAllScript, killScript } from '../../src/exec/kill-script.js';
import { openShell } from '../../src/exec/open-shell.js';
import type { ResidentShell, ShellReply } from '../../src/exec/shell.js';
import { SHELL_ARGV } from '../../src/exec/shell-loop.js';
import { type WrappedFields, wrapCommand } from '../../src/exec/wrap-command.js';
import type { ExecOpenError, ExecStream } from '../../src/ports/sandbox-backend.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { systemRandom } from '../../src/runtime/system-random.js';

/** Somewhere to open shells, with a process namespace of its own. */
export interface ShellWorld {
  readonly openExec: (argv: readonly string[]) => TaskEither<ExecOpenError, ExecStream>;
  /** Absolute, writable, there already. */
  readonly directory: string;
  readonly close: () => Promise<void>;
}

export interface Answer {
  readonly reply: ShellReply;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one request and collects its output as text. */
const collect = async (
  start: (sink: OutputSink) => Promise<ShellReply>,
  onOutput: (text: string) => void = () => undefined,
): Promise<Answer> => {
  const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const reply = await start((name, bytes) => {
    chunks[name].push(Buffer.from(bytes));
    onOutput(bytes.toString());
  });
  return {
    reply,
    stdout: Buffer.concat(chunks.stdout).toString(),
    stderr: Buffer.concat(chunks.stderr).toString(),
  };
};

const done = (exitCode: number, dirty = false): ShellReply => ({ type: 'Done', exitCode, dirty });

/** Kills found in rounds until nothing is left; how many rounds it took, or -1 if there is no end of it. */
const killUntilGone = async (shell: ResidentShell, script: string): Promise<number> => {
  for (let round = 1; round <= 60; round += 1) {
    const { stdout } = await collect((sink) => shell.run({ script, sink, direct: true }));
    if (stdout === '0\n') return round;
    // the dead need a moment until they are collected
    await new Promise((resolve) => systemClock.setTimer(20, () => resolve(undefined)));
  }
  return -1;
};

/** What every resident shell promises, whatever `sh` it runs in. */
export const shellContract = (title: string, createWorld: () => Promise<ShellWorld>): void => {
  describe(`resident shell: ${title}`, () => {
    let world: ShellWorld;
    const shells: ResidentShell[] = [];
    let current: ResidentShell | undefined;

    /** Processes that the world itself runs beside PID 1. */
    let own: readonly number[] = [];

    beforeAll(async () => {
      world = await createWorld();
      const shell = await shared();
      const script = 'for p in /proc/[0-9]*; do echo ${p#/proc/}; done';
      const { stdout } = await collect((sink) => shell.run({ script, sink, direct: true }));
      own = stdout
        .trim()
        .split('\n')
        .map(Number)
        .filter((pid) => pid !== 1 && pid !== shell.pid);
    });
    afterAll(async () => {
      for (const shell of shells) shell.close();
      await world.close();
    });

    const open = async (): Promise<ResidentShell> => {
      const opened = await openShell({
        open: world.openExec(SHELL_ARGV),
        random: systemRandom,
        clock: systemClock,
      })();
      if (E.isLeft(opened)) throw new Error(opened.left.message);
      shells.push(opened.right);
      return opened.right;
    };
    /** The shell that most clauses share, which also shows that nothing leaks from one to the next. */
    const shared = async (): Promise<ResidentShell> => {
      if (current === undefined || !current.alive) current = await open();
      return current;
    };
    const keepPids = async (): Promise<readonly number[]> => [
      ...own,
      ...shells.filter((shell) => shell.alive).map((shell) => shell.pid),
    ];
    const runIn = (shell: ResidentShell, script: string, onOutput?: (text: string) => void) =>
      collect((sink) => shell.run({ script, sink }), onOutput);
    const run = async (script: string): Promise<Answer> => runIn(await shared(), script);
    const wrap = (fields: Partial<WrappedFields>, marker = systemRandom.token(8)): string =>
      wrapCommand(
        { command: 'true', threadDirectory: `${world.directory}/thread`, ...fields },
        marker,
      );
    /** A command under way in a shell, with a promise for the moment when it has printed `ready`. */
    const launch = (shell: ResidentShell, script: string) => {
      let heard = '';
      let answer: Promise<Answer> = Promise.reject(new Error('not started'));
      answer.catch(() => undefined);
      const ready = new Promise<void>((resolve) => {
        answer = runIn(shell, script, (text) => {
          heard += text;
          if (heard.includes('ready')) resolve();
        });
      });
      return { ready, answer };
    };

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
        [
          'a here-document',
          'cat <<X\n  it\'s "quoted" \\\\ $((1+1))\nX',
          '  it\'s "quoted" \\ 2\n',
        ],
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
          const sink = (): void => undefined;
          expect(await shell.run({ script: ':', sink })).toMatchObject({ type: 'Lost' });
        },
      );

      it('shows the command neither the nonce nor anything else of the loop', async () => {
        const { stdout } = await run(`set; env; echo "args: $#"`);
        expect(stdout).not.toMatch(/^wp_/m);
        expect(stdout).not.toMatch(/[0-9a-f]{32}/);
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

    describe('wrapped commands', () => {
      it('work in the directory of the thread, which is made for them alone', async () => {
        const threadDirectory = `${world.directory}/new one/it's`;
        const script = wrap({ threadDirectory, command: 'pwd; ls -ld . | cut -c1-10' });
        const expected = { reply: done(0), stdout: `${threadDirectory}\ndrwx------\n`, stderr: '' };
        expect(await run(script)).toEqual(expected);
        expect(await run(script)).toEqual(expected);
      });

      it('say so, with status 126, when a directory cannot be entered', async () => {
        const nowhere = await run(wrap({ threadDirectory: '/proc/1/nowhere', command: 'echo no' }));
        expect(nowhere).toMatchObject({ reply: done(126), stdout: '' });
        expect(nowhere.stderr).toContain(
          'warmpool: cannot use the directory of the thread: /proc/1/nowhere',
        );
        const lost = await run(wrap({ cwd: 'no/such $dir', command: 'echo no' }));
        expect(lost).toMatchObject({ reply: done(126), stdout: '' });
        expect(lost.stderr).toBe('warmpool: cannot change to the directory ./no/such $dir\n');
      });

      it('start where they are told to, below the directory of the thread or anywhere', async () => {
        await run(wrap({ command: 'mkdir -p -- -odd "a b"' }));
        const here = `${world.directory}/thread`;
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
          for (const [name, value] of Object.entries(env))
            expect(text).toContain(`${name}=${value}`);
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
          await run(wrap({ command: ['sh', '-c', 'echo $WARMPOOL_COMMAND'] }, 'abc123')),
        ).toMatchObject({ stdout: 'abc123\n' });
      });
    });

    describe('what a command leaves behind', () => {
      it.each([
        ['on stdout', 'sleep 30 2>/dev/null & :', true],
        ['on stderr', 'sleep 30 >/dev/null & :', true],
        ['on another descriptor', 'sleep 30 3>&1 >/dev/null 2>&1 & :', true],
        ['after a double fork', '( (sleep 30) & ) ; :', true],
        ['of its own session', 'setsid sleep 30 >/dev/null & :', true],
        [
          'that forks and exits all the time',
          'f() { n=$((n+1)); [ $n -gt 400 ] || f & }; n=0; f; :',
          true,
        ],
        [
          'with its outputs elsewhere',
          '(: >moved; exec sleep 30) </dev/null >/dev/null 2>&1 & while [ ! -e moved ]; do :; done',
          false,
        ],
        ['dead', 'sleep 30 & kill -9 $!; wait 2>/dev/null; :', false],
      ])(
        'makes the shell dirty just when it holds the outputs: a process %s',
        async (_what, script, dirty) => {
          const shell = await open();
          expect((await runIn(shell, script)).reply).toEqual(done(0, dirty));
          const next = await runIn(shell, ':');
          if (!dirty) expect(next.reply).toEqual(done(0));
          shell.close();
          await killUntilGone(await shared(), killAllScript(await keepPids()));
        },
      );

      it('does not make another shell dirty', async () => {
        const one = await open();
        const other = await open();
        const busy = launch(one, 'echo ready; exec sleep 30');
        await busy.ready;
        for (let count = 0; count < 5; count += 1) {
          expect((await runIn(other, 'sh -c :; sh -c :')).reply).toEqual(done(0));
        }
        one.close();
        expect((await busy.answer).reply).toMatchObject({ type: 'Lost' });
      });

      it('is never missed, with forks going on elsewhere', async () => {
        const churn = await open();
        const shell = await open();
        const noise = launch(churn, 'echo ready; while :; do /bin/true; done');
        await noise.ready;
        for (let count = 0; count < 5; count += 1) {
          const one = await open();
          expect((await runIn(one, '( sh -c "sleep 30" & ) & wait')).reply).toEqual(done(0, true));
          one.close();
        }
        expect((await runIn(shell, ':')).reply).toMatchObject({ exitCode: 0 });
        churn.close();
        await noise.answer;
      });
    });

    describe('become', () => {
      it('feeds the command and gives its status', async () => {
        const shell = await open();
        const stdin = Buffer.from('line 1\nline 2\n\u0000\u00ff no newline');
        const answer = await collect((sink) =>
          shell.become({ script: wrap({ command: 'cat; exit 5' }), sink }, stdin),
        );
        expect(answer).toEqual({ reply: done(5), stdout: stdin.toString(), stderr: '' });
        expect(shell.alive).toBe(false);
        await shell.closed;
      });

      it('gives every byte to the command, none to the loop', async () => {
        const shell = await open();
        const script = wrap({ command: 'read -r one; echo "<$one>"; cat', env: { A: 'b\nc' } });
        const answer = await collect((sink) =>
          shell.become({ script, sink }, Buffer.from('a b\nrest\n')),
        );
        expect(answer).toMatchObject({ reply: done(0), stdout: '<a b>\nrest\n' });
      });

      it('takes megabytes, empty input, and a command that does not read it', async () => {
        const big = Buffer.alloc(3_000_000, 'x');
        const count = await collect(async (sink) =>
          (await open()).become({ script: wrap({ command: ['wc', '-c'] }), sink }, big),
        );
        expect(count.stdout.trim()).toBe('3000000');
        const none = await collect(async (sink) =>
          (await open()).become({ script: wrap({ command: ['cat'] }), sink }, Buffer.alloc(0)),
        );
        expect(none).toEqual({ reply: done(0), stdout: '', stderr: '' });
        const unread = await collect(async (sink) =>
          (await open()).become({ script: wrap({ command: 'exit 3' }), sink }, big),
        );
        expect(unread.reply).toEqual(done(3));
      });

      it('does not wait for a background process that keeps the output open', async () => {
        const shell = await open();
        const answer = await collect((sink) =>
          shell.become({ script: wrap({ command: 'sleep 100 & cat' }), sink }, Buffer.from('in')),
        );
        expect(answer).toMatchObject({ reply: done(0, true), stdout: 'in' });
      });
    });

    describe('killing', () => {
      const forms: readonly (readonly [string, string])[] = [
        ['a plain command', 'echo ready; sleep 100'],
        ['an external program', 'exec sh -c "echo ready; sleep 100; :"'],
        ['background processes', 'sleep 100 & sleep 101 & echo ready; wait'],
        [
          'a loop of the shell itself, in the background',
          '(while :; do sleep 1; done) & echo ready; wait',
        ],
        ['what ignores TERM', 'trap "" TERM; echo ready; while :; do sleep 1; done'],
        ['a stopped process', 'sleep 100 & kill -STOP $!; echo ready; wait'],
        [
          'a daemon',
          'setsid sh -c "sleep 100 & sleep 102 & exit" </dev/null >/dev/null 2>&1; echo ready; sleep 100',
        ],
        [
          'a daemon without an environment',
          '(env -i setsid sleep 100 </dev/null >/dev/null 2>&1 &) ; echo ready; sleep 100',
        ],
        [
          'an orphan that never execs',
          '( (while :; do sleep 1; done) </dev/null >/dev/null 2>&1 & ) ; echo ready; sleep 100',
        ],
      ];

      it.each(forms)('ends %s', async (_what, command) => {
        const shell = await open();
        const killer = await open();
        const marker = systemRandom.token(8);
        const victim = launch(shell, wrap({ command }, marker));
        await victim.ready;
        const target = { marker, shellPid: shell.pid };
        const before = await collect((sink) =>
          killer.run({ script: killScript(target, '0'), sink }),
        );
        expect(Number(before.stdout)).toBeGreaterThan(0);
        await collect((sink) => killer.run({ script: killScript(target, 'TERM'), sink }));
        expect(await killUntilGone(killer, killScript(target, 'KILL'))).toBeGreaterThan(0);
        const { reply } = await victim.answer;
        expect(reply).toMatchObject({ type: 'Done' });
        expect(reply).not.toMatchObject({ exitCode: 0 });
        expect((await runIn(shell, 'echo still here')).stdout).toBe('still here\n');
        expect((await runIn(killer, 'echo fine; set')).stdout).not.toMatch(/^wp_/m);
      });

      it('ends daemons after the command itself is over, and nothing of another command', async () => {
        const shell = await open();
        const bystander = await open();
        const other = launch(bystander, wrap({ command: 'echo ready; sleep 3; echo survived' }));
        await other.ready;
        const marker = systemRandom.token(8);
        await runIn(
          shell,
          wrap({ command: '( (while :; do sleep 1; done) </dev/null >/dev/null 2>&1 & )' }, marker),
        );
        expect(await killUntilGone(await shared(), killScript({ marker }, 'KILL'))).toBeGreaterThan(
          1,
        );
        expect(await killUntilGone(await shared(), killScript({ marker }, '0'))).toBe(1);
        expect((await other.answer).stdout).toContain('survived');
      });

      it('finds the marker alone, when the limits were changed', async () => {
        const marker = systemRandom.token(8);
        const command =
          'ulimit -S -m unlimited; export BIG="a\nb"; sleep 100 </dev/null >/dev/null 2>&1 &';
        await runIn(await open(), wrap({ command, env: { FIRST: 'x\ny' } }, marker));
        expect(await killUntilGone(await shared(), killScript({ marker }, 'KILL'))).toBeGreaterThan(
          1,
        );
      });

      it('lets a process end in its own way on TERM', async () => {
        const shell = await open();
        const marker = systemRandom.token(8);
        const command = [
          'sh',
          '-c',
          'trap "echo cleaned; exit 9" TERM; echo ready; while :; do sleep 0.1 || sleep 1; done',
        ];
        const victim = launch(shell, wrap({ command }, marker));
        await victim.ready;
        await collect(async (sink) =>
          (await shared()).run({
            script: killScript({ marker, shellPid: shell.pid }, 'TERM'),
            sink,
          }),
        );
        const answer = await victim.answer;
        expect(answer).toMatchObject({ reply: { type: 'Done', exitCode: 9 } });
        expect(answer.stdout).toContain('cleaned');
      });

      it('beats a fork bomb', async () => {
        const shell = await open();
        const killer = await open();
        const marker = systemRandom.token(8);
        const bomb =
          'ulimit -u 300 2>/dev/null; n=0; b() { n=$((n+1)); [ $n -gt 7 ] && while :; do sleep 1; done; b & b & wait; }; echo ready; b';
        const victim = launch(shell, wrap({ command: bomb }, marker));
        await victim.ready;
        const target = { marker, shellPid: shell.pid };
        expect(await killUntilGone(killer, killScript(target, 'KILL'))).toBeGreaterThan(0);
        expect((await victim.answer).reply).toMatchObject({ type: 'Done', exitCode: 137 });
      });

      it('ends everything but what it is told to keep', async () => {
        const keeper = await open();
        const killer = await open();
        await runIn(
          killer,
          'sleep 100 </dev/null >/dev/null 2>&1 & (env -i setsid sleep 100 </dev/null >/dev/null 2>&1 &) ; :',
        );
        expect(await killUntilGone(killer, killAllScript([...own, keeper.pid]))).toBeGreaterThan(1);
        expect((await runIn(keeper, 'echo kept')).stdout).toBe('kept\n');
        const left = await runIn(killer, 'for p in /proc/[0-9]*; do echo ${p#/proc/}; done');
        const pids = left.stdout.trim().split('\n').map(Number);
        expect(pids).toEqual(expect.arrayContaining([1, ...own, keeper.pid, killer.pid]));
        // one more is the subshell that looks
        expect(pids.length).toBe(4 + own.length);
      });
    });

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
          open: world.openExec(['/warmpool/no/sh', ...SHELL_ARGV.slice(1)]),
          random: systemRandom,
          clock: systemClock,
        })();
        expect(opened).toMatchObject({ left: { type: 'NoShell' } });
      });
    });
  });
};
