import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { openShell } from '../../../src/exec/open-shell.js';
import { SHELL_LOOP } from '../../../src/exec/shell-loop.js';
import type { ExecOpenError } from '../../../src/ports/sandbox-backend.js';
import { manualClock } from '../../support/manual-clock.js';
import { memoryExec } from '../../support/memory-exec.js';

const random = { token: (bytes: number) => 'ab'.repeat(bytes) };

const opening = () => {
  const exec = memoryExec();
  const clock = manualClock();
  const result = openShell({ open: TE.right(exec.stream), random, clock })();
  return { exec, clock, result };
};

describe('openShell', () => {
  it('sends the loop and takes the greeting, however it is cut', async () => {
    const { exec, clock, result } = opening();
    exec.stdout.write('warmpool-');
    await clock.advance(1);
    exec.stdout.write('shell-2 42\n');
    const opened = await result;
    expect(opened).toMatchObject({ right: { pid: 42, alive: true, busy: false } });
    expect(exec.written()).toBe(`${SHELL_LOOP}\n`);
    expect(clock.timers()).toBe(0);
    expect(exec.closed()).toBe(false);
  });

  it('is NoShell when sh is missing, with what the engine said', async () => {
    const { exec, clock, result } = opening();
    exec.stdout.write('exec: "sh": executable file not found in $PATH\r\n');
    await clock.advance(1);
    exec.end({ type: 'Exited', exitCode: 127 });
    expect(await result).toEqual(
      E.left({
        type: 'NoShell',
        message: 'sh ended with status 127: exec: "sh": executable file not found in $PATH',
      }),
    );
    expect(exec.closed()).toBe(true);
    expect(clock.timers()).toBe(0);
  });

  it('is NoShell when sh is something else', async () => {
    const { exec, clock, result } = opening();
    exec.stderr.write('Unknown command: read');
    await clock.advance(1);
    exec.end({ type: 'Exited', exitCode: 1 });
    expect(await result).toMatchObject({
      left: { type: 'NoShell', message: expect.stringMatching(/Unknown command/u) },
    });
    const chatty = opening();
    chatty.exec.stdout.write('x'.repeat(5000));
    expect(await chatty.result).toMatchObject({ left: { type: 'NoShell' } });
  });

  it.each([
    ['a limit is used up', 126, 'OCI runtime exec failed: resource temporarily unavailable'],
    ['the loop could not be prepared', 125, 'sh: 0: Cannot fork'],
  ])('is the fault of the sandbox, not of the image, when %s', async (_why, exitCode, said) => {
    const { exec, clock, result } = opening();
    exec.stdout.write(said);
    await clock.advance(1);
    exec.end({ type: 'Exited', exitCode });
    expect(await result).toMatchObject({ left: { type: 'ShellUnavailable', fault: 'Sandbox' } });
  });

  it('is NoShell when the engine finds no program to start', async () => {
    const { exec, clock, result } = opening();
    exec.stdout.write('OCI runtime exec failed: exec: "sh": no such file or directory');
    await clock.advance(1);
    exec.end({ type: 'Exited', exitCode: 126 });
    expect(await result).toMatchObject({ left: { type: 'NoShell' } });
  });

  it('is ShellUnavailable when the shell was killed, the stream lost, or the exec refused', async () => {
    const killed = opening();
    killed.exec.end({ type: 'Exited', exitCode: 137 });
    expect(await killed.result).toMatchObject({ left: { type: 'ShellUnavailable' } });
    const lost = opening();
    lost.exec.end({ type: 'Lost', message: 'the engine went away' });
    expect(await lost.result).toMatchObject({
      left: { type: 'ShellUnavailable', message: expect.stringMatching(/the engine went away/u) },
    });
    const cause: ExecOpenError = { type: 'BackendUnavailable', message: 'no engine' };
    const refused = openShell({ open: TE.left(cause), random, clock: manualClock() });
    expect(await refused()).toEqual(
      E.left({ type: 'ShellUnavailable', message: 'no engine', cause }),
    );
  });

  it('gives up after 10 seconds of silence, and lets go of the stream', async () => {
    const { exec, clock, result } = opening();
    await clock.advance(10_000);
    expect(await result).toMatchObject({
      left: { type: 'ShellUnavailable', message: expect.stringMatching(/within 10 s/u) },
    });
    expect(exec.closed()).toBe(true);
  });

  it('outlives a stdin that breaks', async () => {
    const { exec, result } = opening();
    exec.stream.stdin.destroy(new Error('EPIPE'));
    exec.end({ type: 'Lost', message: 'gone' });
    expect(await result).toMatchObject({ left: { type: 'ShellUnavailable' } });
  });
});
