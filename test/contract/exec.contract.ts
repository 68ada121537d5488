import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { deferred } from '../support/deferred.js';
import { type ExecHarness, type ExecWorld, execHarness } from '../support/exec-harness.js';

/** So long that a command that waits for its end makes the test fail. */
const FOREVER_MS = 600_000;

/** What every backend's exec has to bear, with every shell. `makeWorld` gives a running sandbox. */
export const execContract = (name: string, makeWorld: () => Promise<ExecWorld>): void => {
  describe(`SandboxExec over ${name}`, () => {
    let world: ExecWorld;
    let harness: ExecHarness;

    beforeAll(async () => {
      world = await makeWorld();
      harness = execHarness(world);
      expect(await harness.warm()).toEqual(E.right(undefined));
    }, 120_000);
    afterAll(async () => {
      harness.exec.forget(world.uid);
      await world.close();
    });

    it('passes stdout and stderr on apart, byte for byte, with the exit status', async () => {
      const ran = await harness.run("printf 'a\\000\\377\\n'; printf 'no\\n\\n' >&2; exit 3");
      expect(ran).toMatchObject({ exitCode: 3, timedOut: false, canceled: false, via: 'shell' });
      expect(ran.stdout).toEqual(Buffer.from([0x61, 0, 0xff, 0x0a]));
      expect(ran.stderr.toString()).toBe('no\n\n');
    });

    it('hands an argument vector over without any shell looking at it', async () => {
      const ran = await harness.run(['printf', '%s|', '$HOME', '*', "it's", '', 'a\nb']);
      expect(ran.stdout.toString()).toBe("$HOME|*|it's||a\nb|");
    });

    it('runs in the directory of its thread, with the files of the last command', async () => {
      await harness.run('echo one >f; mkdir -p sub');
      expect((await harness.run('cat f')).stdout.toString()).toBe('one\n');
      const ran = await harness.run('pwd', { cwd: 'sub' });
      expect(ran.stdout.toString()).toBe(`${harness.threadDirectory}/sub\n`);
    });

    it('gives the command its environment, and the next one nothing of it', async () => {
      const value = "two\nlines, 'quotes' and $dollars";
      const ran = await harness.run('printf %s "$GREETING"', { env: { GREETING: value } });
      expect(ran.stdout.toString()).toBe(value);
      expect((await harness.run('printf %s "$GREETING"')).stdout.toString()).toBe('');
    });

    it('feeds stdin to the end, and gives empty stdin where there is none', async () => {
      const stdin = Buffer.alloc(1_000_000, 'x');
      const ran = await harness.run('wc -c; exit 5', { stdin });
      expect(ran.exitCode).toBe(5);
      expect(ran.stdout.toString().trim()).toBe('1000000');
      expect((await harness.run('wc -c')).stdout.toString().trim()).toBe('0');
    });

    it('survives syntax errors, exits and unset variables of a command', async () => {
      for (const bad of ['if', '"', 'exit 9', 'set -u; echo $nothing', 'exec nothing-like-it']) {
        expect((await harness.run(bad)).exitCode).not.toBe(0);
      }
      expect((await harness.run('echo fine')).stdout.toString()).toBe('fine\n');
    });

    it('names the signal that ended a command', async () => {
      const ran = await harness.run("sh -c 'kill -9 $$'; exit $?");
      expect(ran).toMatchObject({ exitCode: 137, signal: 'SIGKILL' });
    });

    it('kills all that a timed-out command started, daemons and those who ignore TERM too', async () => {
      const daemon = "trap '' TERM; echo $$ >daemon; while :; do sleep 1; done";
      const ran = await harness.run(
        `rm -f daemon; (env -i PATH="$PATH" setsid sh -c ${quoted(daemon)} >/dev/null 2>&1 &); ` +
          'while [ ! -s daemon ]; do sleep 0.1; done; echo started; sleep 1000',
        { timeoutMs: 3000 },
      );
      expect(ran).toMatchObject({ exitCode: 124, timedOut: true });
      expect(ran.stdout.toString()).toBe('started\n');
      const look = await harness.run('kill -0 "$(cat daemon)"');
      expect(look.exitCode).not.toBe(0);
    });

    it('kills a command that never leaves the shell itself', async () => {
      const ran = await harness.run('while :; do :; done', { timeoutMs: 300 });
      expect(ran).toMatchObject({ exitCode: 124, timedOut: true });
    });

    it('cancels a command that waits for a program, and one that reads stdin', async () => {
      for (const more of [{}, { stdin: Buffer.from('input') }]) {
        const cancel = new AbortController();
        const ran = harness.run('echo begun; sleep 1000', {
          ...more,
          timeoutMs: FOREVER_MS,
          signal: cancel.signal,
          onOutput: () => cancel.abort(),
        });
        expect(await ran).toMatchObject({ exitCode: 130, canceled: true, timedOut: false });
      }
    });

    it('runs nothing for a caller who is gone already', async () => {
      const ran = await harness.run('echo x >never', { signal: AbortSignal.abort() });
      expect(ran).toMatchObject({ exitCode: 130, canceled: true });
      expect((await harness.run('[ -e never ]')).exitCode).toBe(1);
    });

    it('caps each stream and drains the rest', async () => {
      const ran = await harness.run('head -c 50000000 /dev/zero; echo end >&2', {
        maxOutputBytes: 1000,
      });
      expect(ran.truncated).toEqual({ stdout: true, stderr: false });
      expect(ran.stdout).toEqual(Buffer.alloc(1000));
      expect(ran).toMatchObject({ exitCode: 0 });
      expect(ran.stderr.toString()).toBe('end\n');
    });

    it('lets a slow reader slow only its own command', async () => {
      const reader = deferred<void>();
      const slow = harness.run('head -c 5000000 /dev/zero', { onOutput: () => reader.promise });
      expect((await harness.run('echo quick')).stdout.toString()).toBe('quick\n');
      reader.resolve(undefined);
      expect((await slow).stdout).toHaveLength(5_000_000);
    });

    it('never shows a command the output of another, left in the background', async () => {
      await harness.run('(while :; do echo leak; echo leak >&2; sleep 0.01; done) & echo left');
      for (let round = 0; round < 5; round += 1) {
        const ran = await harness.run('sleep 0.05; echo mine');
        expect(ran.stdout.toString() + ran.stderr.toString()).toBe('mine\n');
      }
    });

    it('runs 20 commands of a thread side by side', async () => {
      const numbers = Array.from({ length: 20 }, (_, number) => number);
      const all = await Promise.all(
        numbers.map((n) => harness.run(`sleep 0.2; echo ${n}; exit ${n}`)),
      );
      expect(all.map(({ exitCode, stdout }) => [exitCode, stdout.toString()])).toEqual(
        numbers.map((n) => [n, `${n}\n`]),
      );
    }, 60_000);

    it('leaves the commands beside a killed one, and those after it, alone', async () => {
      const beside = harness.run('sleep 3; echo unharmed');
      for (let round = 0; round < 4; round += 1) {
        const killed = await harness.run('sleep 1000', { timeoutMs: 20 + 100 * round });
        expect(killed).toMatchObject({ timedOut: true });
        expect(await harness.run('sleep 0.05; echo next')).toMatchObject({ exitCode: 0 });
      }
      expect((await beside).stdout.toString()).toBe('unharmed\n');
    }, 60_000);

    it('answers an error, never success, when the shell is killed; the next command works', async () => {
      const failed = await harness.attempt(['sh', '-c', 'kill -9 $PPID; sleep 1000']);
      expect(failed).toMatchObject({ _tag: 'Left', left: { type: 'ShellLost' } });
      expect((await harness.run('echo again')).stdout.toString()).toBe('again\n');
    }, 60_000);

    it('ends what an operator before it left running, and nothing that a finished command left', async () => {
      const before = execHarness(world);
      const left = await before.run(
        'rm -f beat; (while :; do echo >>beat; sleep 0.1; done) </dev/null >/dev/null 2>&1 & echo $!',
      );
      const begun = deferred<void>();
      const daemon = '(env -i setsid sleep 4321 </dev/null >/dev/null 2>&1 &)';
      const command = `${daemon}; sh -c "echo begun; exec sleep 4321"; echo $?; sleep 4321`;
      const abandoned = before.attempt(command, {
        timeoutMs: FOREVER_MS,
        onOutput: () => begun.resolve(undefined),
      });
      await begun.promise;
      const after = execHarness(world);
      expect(await after.warm()).toEqual(E.right(undefined));
      const sleepers =
        'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline; echo; done | grep "^sleep 4321"';
      expect((await after.run(sleepers)).stdout.toString()).toBe('');
      const pid = left.stdout.toString().trim();
      expect((await after.run(`kill -0 ${pid} && kill -9 ${pid}`)).exitCode).toBe(0);
      for (const { exec } of [before, after]) exec.forget(world.uid);
      // its shell was lost, or told at last that the command was killed
      expect(await abandoned).not.toMatchObject({ right: { exitCode: 0 } });
    }, 60_000);

    it('refuses to warm where the working directory cannot be made', async () => {
      const warmed = await harness.exec.warm(world.uid, {
        residentShells: 1,
        workingDirectory: '/proc/nothing',
      })();
      expect(warmed).toMatchObject({ _tag: 'Left', left: { type: 'WarmFailed' } });
      expect(await harness.warm()).toEqual(E.right(undefined));
    });

    it('ends the commands under way with an error when it is told to forget the sandbox', async () => {
      const begun = deferred<void>();
      const ran = harness.attempt('echo begun; sleep 1000', {
        onOutput: () => begun.resolve(undefined),
      });
      await begun.promise;
      harness.exec.forget(world.uid);
      expect(await ran).toMatchObject({ _tag: 'Left', left: { type: 'SandboxGone' } });
      expect((await harness.run('echo back')).stdout.toString()).toBe('back\n');
    }, 60_000);

    it('answers an error when the sandbox goes away under a command, and from then on', async () => {
      const begun = deferred<void>();
      const ran = harness.attempt('echo begun; sleep 1000', {
        onOutput: () => begun.resolve(undefined),
      });
      await begun.promise;
      await world.destroy();
      const error = await ran;
      expect(E.isLeft(error) && error.left.type).toMatch(/^(SandboxGone|ShellLost)$/u);
      expect(await harness.attempt('true')).toMatchObject({ left: { type: 'SandboxGone' } });
    }, 60_000);
  });
};

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
