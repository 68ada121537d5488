import { describe, expect, it } from '@jest/globals';
import type { OutputSink } from '../../../src/exec/command.js';
import { createResidentShell } from '../../../src/exec/resident-shell.js';
import { deferred } from '../../support/deferred.js';
import { settle } from '../../support/manual-clock.js';
import { memoryExec } from '../../support/memory-exec.js';

const NONCE = '0123456789abcdef'.repeat(2);
const random = { token: () => NONCE };
const ignore: OutputSink = () => undefined;

const setUp = () => {
  const exec = memoryExec();
  const shell = createResidentShell(exec.stream, 42, random);
  const answer = (status: number, dirty = 0): void => {
    exec.stdout.write(`${NONCE} ${status} ${dirty}\n`);
    exec.stderr.write(`${NONCE}\n`);
  };
  return { exec, shell, answer };
};

describe('createResidentShell', () => {
  it('asks in one line and answers when both trailers came', async () => {
    const { exec, shell, answer } = setUp();
    const reply = shell.run({ script: 'true', sink: ignore });
    expect(exec.written()).toBe(`${NONCE} r - true\n`);
    expect(shell.busy).toBe(true);
    answer(3);
    expect(await reply).toEqual({ type: 'Done', exitCode: 3, dirty: false });
    expect(shell.busy).toBe(false);
    expect(shell.alive).toBe(true);
  });

  it('does not answer before the trailer of stderr', async () => {
    const { exec, shell } = setUp();
    let answered = false;
    const reply = shell.run({ script: 'true', sink: ignore }).then(() => {
      answered = true;
    });
    exec.stdout.write(`${NONCE} 0 0\n`);
    await settle();
    expect(answered).toBe(false);
    exec.stderr.write(`last words${NONCE}\n`);
    await reply;
    expect(answered).toBe(true);
  });

  it('calls the sink for output only', async () => {
    const { exec, shell, answer } = setUp();
    const seen: string[] = [];
    const reply = shell.run({
      script: 'x',
      sink: (name, bytes) => {
        seen.push(`${name}: ${bytes.toString()}`);
      },
    });
    exec.stdout.write('a');
    exec.stderr.write('b');
    answer(0);
    await reply;
    expect(seen).toEqual(['stdout: a', 'stderr: b']);
  });

  it('answers only after the sink is done, and reads no further meanwhile', async () => {
    const { exec, shell, answer } = setUp();
    const held = [deferred<void>(), deferred<void>()];
    let calls = 0;
    const reply = shell.run({
      script: 'x',
      sink: () => {
        calls += 1;
        return held[calls - 1]?.promise;
      },
    });
    let answered = false;
    void reply.then(() => {
      answered = true;
    });
    exec.stdout.write('one');
    await settle();
    exec.stdout.write('two');
    answer(0);
    await settle();
    expect([calls, answered]).toEqual([1, false]);
    expect([exec.stdout.isPaused(), exec.stderr.isPaused()]).toEqual([true, false]);
    held[0]?.resolve();
    await settle();
    expect([calls, answered]).toEqual([2, false]);
    held[1]?.resolve();
    expect(await reply).toMatchObject({ type: 'Done' });
  });

  it('is lost when the stream ends first, never done', async () => {
    const { exec, shell } = setUp();
    const reply = shell.run({ script: 'x', sink: ignore });
    exec.stdout.write(`${NONCE} 0`);
    exec.stderr.write(`${NONCE}\n`);
    await settle();
    exec.end({ type: 'Exited', exitCode: 0 });
    expect(await reply).toEqual({ type: 'Lost', message: 'the shell ended with status 0' });
    await shell.closed;
    expect(await shell.run({ script: 'x', sink: ignore })).toMatchObject({ type: 'Lost' });
  });

  it('takes a garbled trailer for a loss', async () => {
    for (const garbled of [`${NONCE} 0\n`, `${NONCE} zero 0\n`, `${NONCE}${' '.repeat(40)}`]) {
      const { exec, shell } = setUp();
      const reply = shell.run({ script: 'x', sink: ignore });
      exec.stdout.write(garbled);
      expect(await reply).toEqual({ type: 'Lost', message: 'the shell broke the protocol' });
      expect(exec.closed()).toBe(true);
    }
  });

  it('is dirty when bytes follow a trailer, whatever the shell says', async () => {
    const { exec, shell } = setUp();
    const reply = shell.run({ script: 'x', sink: ignore });
    exec.stdout.write(`${NONCE} 0 0\nstray`);
    exec.stderr.write(`${NONCE}\n`);
    expect(await reply).toEqual({ type: 'Done', exitCode: 0, dirty: true });
  });

  it('ends when output comes while nothing runs', async () => {
    const { exec, shell } = setUp();
    exec.stderr.write('?');
    await settle();
    expect(shell.alive).toBe(false);
    expect(exec.closed()).toBe(true);
  });

  it('throws when it is busy', async () => {
    const { shell } = setUp();
    void shell.run({ script: 'x', sink: ignore });
    expect(() => shell.run({ script: 'x', sink: ignore })).toThrow('busy');
    expect(() => shell.become({ script: 'x', sink: ignore }, Buffer.alloc(0))).toThrow('busy');
  });

  it('names the directory of a thread once, and the marker each time', async () => {
    const { exec, shell, answer } = setUp();
    const run = async (directory: string, marker: string): Promise<void> => {
      const reply = shell.run({ script: 'ls', place: { directory, marker }, sink: ignore });
      answer(0);
      await reply;
    };
    await run('/w/a', '1');
    await run('/w/a', '2');
    await run('/w/b', '3');
    expect(exec.written()).toBe(
      `- h - wp_h=/w/a\n${NONCE} r 1 ls\n${NONCE} r 2 ls\n- h - wp_h=/w/b\n${NONCE} r 3 ls\n`,
    );
  });

  it('hands over stdin after the request, ends it, and is used up', async () => {
    const { exec, shell, answer } = setUp();
    const reply = shell.become({ script: 'cat', sink: ignore }, Buffer.from('in\n'));
    expect(exec.written()).toBe(`${NONCE} b - cat\nin\n`);
    expect(exec.stdinEnded()).toBe(true);
    answer(5);
    expect(await reply).toEqual({ type: 'Done', exitCode: 5, dirty: false });
    expect(shell.alive).toBe(false);
    expect(exec.closed()).toBe(true);
  });

  it('closes once, and answers what is under way', async () => {
    const { exec, shell } = setUp();
    const reply = shell.run({ script: 'x', sink: ignore });
    shell.close();
    shell.close();
    expect(await reply).toEqual({ type: 'Lost', message: 'the shell was closed' });
    expect(exec.stdinEnded()).toBe(true);
    await shell.closed;
  });
});
