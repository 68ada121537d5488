import { describe, expect, it } from '@jest/globals';
import { killAllScript } from '../../src/exec/kill-script.js';
import { done, killUntilGone, type ShellHarness } from './shell.harness.js';

export const leftoverClauses = (harness: ShellHarness): void => {
  const { open, shared, runIn, wrap, launch, keepPids } = harness;

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
        'rm -f moved; (: >moved; exec sleep 30) </dev/null >/dev/null 2>&1 & while [ ! -e moved ]; do :; done',
        false,
      ],
      ['dead', 'sleep 30 & kill -9 $!; wait 2>/dev/null; :', false],
    ])(
      'makes the shell dirty just when it holds the outputs: a process %s',
      async (_what, script, dirty) => {
        const shell = await open();
        expect((await runIn(shell, wrap({ command: script }))).reply).toEqual(done(0, dirty));
        const next = await runIn(shell, ':');
        if (!dirty) expect(next.reply).toEqual(done(0));
        shell.close();
        await killUntilGone(await shared(), killAllScript(keepPids()));
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
      expect(await killUntilGone(shell, killAllScript(keepPids()))).toBeGreaterThan(0);
    });
  });
};
