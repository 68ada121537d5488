import { describe, expect, it } from '@jest/globals';
import { newMarker } from '../../src/exec/command-marker.js';
import { killAllScript, killScript } from '../../src/exec/kill-script.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { collect, killUntilGone, type ShellHarness } from './shell.harness.js';

export const killClauses = (harness: ShellHarness): void => {
  const { own, open, shared, runIn, wrap, launch } = harness;

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
      const marker = newMarker(systemRandom);
      const victim = launch(shell, wrap({ command }, marker));
      await victim.ready;
      const target = { marker, shellPid: shell.pid };
      const before = await collect((sink) => killer.run({ script: killScript(target, '0'), sink }));
      expect(Number(before.stdout)).toBeGreaterThan(0);
      await collect((sink) => killer.run({ script: killScript(target, 'TERM'), sink }));
      expect(await killUntilGone(killer, killScript(target, 'KILL'))).toBeGreaterThan(0);
      const { reply } = await victim.answer;
      expect(reply).toMatchObject({ type: 'Done' });
      expect(reply).not.toMatchObject({ exitCode: 0 });
      expect((await runIn(shell, 'echo still here')).stdout).toBe('still here\n');
      expect((await runIn(killer, 'echo fine; set')).stdout).not.toMatch(/^w[pk]_/m);
    });

    it('leaves the shell that killed with its thread and its marks', async () => {
      const killer = await open();
      const look = wrap(
        { command: 'pwd; echo $WARMPOOL_COMMAND; ulimit -S -m' },
        '234567890123456',
      );
      const before = await runIn(killer, look);
      expect(before.stdout).toContain('234567890123456\n234567890123456\n');
      await killUntilGone(killer, killScript({ marker: '123456789012345' }, 'KILL'));
      expect(await runIn(killer, look)).toEqual(before);
    });

    it('ends daemons after the command itself is over, and nothing of another command', async () => {
      const shell = await open();
      const bystander = await open();
      const other = launch(bystander, wrap({ command: 'echo ready; sleep 3; echo survived' }));
      await other.ready;
      const marker = newMarker(systemRandom);
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
      const marker = newMarker(systemRandom);
      const command =
        'ulimit -S -m unlimited; export BIG="a\nb"; sleep 100 </dev/null >/dev/null 2>&1 &';
      await runIn(await open(), wrap({ command, env: { FIRST: 'x\ny' } }, marker));
      expect(await killUntilGone(await shared(), killScript({ marker }, 'KILL'))).toBeGreaterThan(
        1,
      );
    });

    it('lets a process end in its own way on TERM', async () => {
      const shell = await open();
      const marker = newMarker(systemRandom);
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
      const marker = newMarker(systemRandom);
      const bomb =
        'ulimit -u 300 2>/dev/null; n=0; b() { n=$((n+1)); [ $n -gt 7 ] && while :; do sleep 1; done; b & b & wait; }; echo ready; b';
      const victim = launch(shell, wrap({ command: bomb }, marker));
      await victim.ready;
      const target = { marker, shellPid: shell.pid };
      expect(await killUntilGone(killer, killScript(target, 'KILL'))).toBeGreaterThan(0);
      expect((await victim.answer).reply).toMatchObject({ type: 'Done', exitCode: 137 });
    });

    it('ends everything but what it is told to keep', async () => {
      const keeper = await shared();
      const killer = await open();
      await runIn(
        killer,
        'sleep 100 </dev/null >/dev/null 2>&1 & (env -i setsid sleep 100 </dev/null >/dev/null 2>&1 &) ; :',
      );
      expect(await killUntilGone(killer, killAllScript([...own(), keeper.pid]))).toBeGreaterThan(1);
      expect((await runIn(keeper, 'echo kept')).stdout).toBe('kept\n');
      const left = await runIn(
        killer,
        'for p in /proc/[0-9]*; do [ ! -e $p/cwd ] || echo ${p#/proc/}; done',
      );
      const pids = left.stdout.trim().split('\n').map(Number);
      expect(pids).toEqual(expect.arrayContaining([1, ...own(), keeper.pid, killer.pid]));
      // one more is the subshell that looks
      expect(pids.length).toBe(4 + own().length);
    });
  });
};
