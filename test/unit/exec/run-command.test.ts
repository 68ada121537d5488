import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { CommandSpec, OutputSink } from '../../../src/exec/command.js';
import { markerLimit } from '../../../src/exec/command-marker.js';
import { runCommand } from '../../../src/exec/run-command.js';
import { createShellSet } from '../../../src/exec/shell-set.js';
import { type AnswerDirect, type FakeShell, fakeOpener } from '../../support/fake-shell.js';
import { manualClock, settle } from '../../support/manual-clock.js';

const MARKER = '123456789012345';

/** A command under way on the first of two shells; the other one is for killing. */
const begin = async (
  command: Partial<CommandSpec> = {},
  answerDirect?: AnswerDirect,
  sink?: OutputSink,
) => {
  const clock = manualClock();
  const opener = fakeOpener(answerDirect);
  const shells = createShellSet({ open: opener.open, clock });
  shells.keep(2);
  await settle();
  const shell = shells.takeIdle() as FakeShell | undefined;
  if (shell === undefined) throw new Error('no shell');
  const output = { stdout: '', stderr: '' };
  const cancel = new AbortController();
  const ran = runCommand(
    { uid: 'uid-1', shells, clock, marker: MARKER },
    shell,
    {
      command: 'anything',
      threadDirectory: '/w/t',
      timeoutMs: 60_000,
      maxOutputBytes: 100,
      ...command,
    },
    {
      sink: sink ?? ((name, bytes) => void (output[name] += bytes.toString())),
      signal: cancel.signal,
    },
  );
  await settle();
  return { clock, opener, shells, shell, output, cancel, ran };
};

/** A fake sandbox whose command ends, with this status, at the given signal. */
const diesAt =
  (signal: 'TERM' | 'KILL', exitCode: number): AnswerDirect =>
  (script, killer) => {
    const victim = victims.get(killer);
    if (script.includes('echo 1')) return '0\n';
    if (!script.includes('kill -TERM') && !script.includes('kill -KILL')) {
      return victim?.busy === true ? '1\n' : '0\n';
    }
    const busy = victim?.busy === true;
    if (script.includes(`kill -${signal}`)) victim?.reply({ type: 'Done', exitCode, dirty: false });
    return busy ? '1\n' : '0\n';
  };

/** Which shell's command a killing shell ends. */
const victims = new WeakMap<FakeShell, FakeShell>();

const target = ({ opener, shell }: { opener: ReturnType<typeof fakeOpener>; shell: FakeShell }) => {
  for (const other of opener.shells) if (other !== shell) victims.set(other, shell);
};

describe('runCommand', () => {
  it('answers how the command ended, with its output, and gives the shell back', async () => {
    const { shell, shells, output, ran, clock } = await begin();
    void shell.print('stdout', 'out');
    void shell.print('stderr', 'err');
    await clock.advance(5);
    shell.reply({ type: 'Done', exitCode: 7, dirty: false });
    expect(await ran).toEqual(
      E.right({
        exitCode: 7,
        timedOut: false,
        canceled: false,
        truncated: { stdout: false, stderr: false },
        execMs: 5,
        via: 'shell',
      }),
    );
    expect(output).toEqual({ stdout: 'out', stderr: 'err' });
    expect(shell.alive).toBe(true);
    expect(shells.takeIdle()).toBe(shell);
  });

  it('leaves no timer behind', async () => {
    const { shell, ran, clock } = await begin();
    expect(clock.timers()).toBe(1);
    shell.reply({ type: 'Done', exitCode: 0, dirty: false });
    await ran;
    expect(clock.timers()).toBe(0);
  });

  it('closes a dirty shell before anybody else can get it', async () => {
    const { shell, shells, ran } = await begin();
    shell.reply({ type: 'Done', exitCode: 0, dirty: true });
    expect(await ran).toMatchObject({ right: { exitCode: 0 } });
    expect(shell.alive).toBe(false);
    const next = await shells.take();
    expect(E.isRight(next) && next.right).not.toBe(shell);
  });

  it('lets a shell become a command that reads stdin, and opens another', async () => {
    const stdin = Buffer.from('input');
    const { shell, opener, ran } = await begin({ stdin });
    expect(shell.requests[0]?.stdin).toBe(stdin);
    await settle();
    expect(opener.tries()).toBe(3);
    shell.reply({ type: 'Done', exitCode: 0, dirty: false });
    shell.die();
    expect(await ran).toMatchObject({ right: { exitCode: 0 } });
  });

  it('kills a command whose time is over, and keeps a shell that came back clean', async () => {
    const begun = await begin({ timeoutMs: 1000 }, diesAt('TERM', 143));
    target(begun);
    void begun.shell.print('stdout', 'so far');
    await begun.clock.advance(1000);
    expect(await begun.ran).toMatchObject({
      right: { exitCode: 124, timedOut: true, canceled: false },
    });
    expect(begun.output.stdout).toBe('so far');
    expect(begun.shell.alive).toBe(true);
  });

  it('names no signal for a command that it killed itself', async () => {
    const begun = await begin({ timeoutMs: 1000 }, diesAt('TERM', 143));
    target(begun);
    await begun.clock.advance(1000);
    const ran = await begun.ran;
    expect(E.isRight(ran) && 'signal' in ran.right).toBe(false);
  });

  it('kills what ignores TERM after its grace', async () => {
    const begun = await begin({ timeoutMs: 1000 }, diesAt('KILL', 137));
    target(begun);
    await begun.clock.advance(2900);
    expect(begun.shell.busy).toBe(true);
    await begun.clock.advance(1000);
    expect(await begun.ran).toMatchObject({ right: { exitCode: 124, timedOut: true } });
  });

  it('never gives back a shell while the kill is still under way', async () => {
    const begun = await begin({ timeoutMs: 1000 }, (script) =>
      script.includes('echo 1') ? '0\n' : '1\n',
    );
    await begun.clock.advance(1000);
    begun.shell.reply({ type: 'Done', exitCode: 143, dirty: false });
    await begun.clock.advance(1000);
    const free = [begun.shells.takeIdle(), begun.shells.takeIdle(), begun.shells.takeIdle()];
    expect(free).not.toContain(begun.shell);
    await begun.clock.advance(60_000);
    expect(await begun.ran).toMatchObject({ left: { type: 'Unkillable', uid: 'uid-1' } });
    expect(begun.shell.alive).toBe(false);
  });

  it('ends a shell that does not come back although nothing of its command is left', async () => {
    const scripts: string[] = [];
    const begun = await begin({ timeoutMs: 1000 }, (script) => {
      scripts.push(script);
      return '0\n';
    });
    await begun.clock.advance(60_000);
    expect(await begun.ran).toMatchObject({ right: { timedOut: true } });
    expect(begun.shell.alive).toBe(false);
    expect(scripts.some((script) => script.includes(`kill -KILL ${begun.shell.pid}`))).toBe(true);
  });

  it('calls the command unkillable when no other shell answers', async () => {
    const begun = await begin({ timeoutMs: 1000 }, () => undefined);
    await begun.clock.advance(120_000);
    expect(await begun.ran).toMatchObject({ left: { type: 'Unkillable' } });
  });

  it('answers a canceled command with status 130, whether or not its reader comes back', async () => {
    const begun = await begin({}, diesAt('TERM', 143), () => new Promise(() => undefined));
    target(begun);
    const held = begun.shell.print('stdout', 'unread');
    begun.cancel.abort();
    await held;
    await begun.clock.advance(1000);
    expect(await begun.ran).toMatchObject({
      right: { exitCode: 130, canceled: true, timedOut: false },
    });
  });

  it('answers an error when the stream breaks, and kills what is left of the command', async () => {
    const scripts: string[] = [];
    const begun = await begin({}, (script) => {
      scripts.push(script);
      return '0\n';
    });
    begun.shell.die();
    expect(await begun.ran).toMatchObject({ left: { type: 'ShellLost' } });
    expect(scripts.some((script) => script.includes(markerLimit(MARKER)))).toBe(true);
  });

  it('says that the sandbox is gone when that is why the stream broke', async () => {
    const begun = await begin();
    begun.opener.failWith({ type: 'SandboxGone', message: 'gone', uid: 'uid-1' });
    for (const shell of begun.opener.shells) shell.die();
    await begun.clock.advance(1000);
    expect(await begun.ran).toMatchObject({ left: { type: 'SandboxGone' } });
  });

  it('answers an error within seconds when the engine is away', async () => {
    const begun = await begin();
    begun.opener.failWith({ type: 'ExecUnavailable', message: 'no engine' });
    for (const shell of begun.opener.shells) shell.die();
    await begun.clock.advance(6000);
    expect(await begun.ran).toMatchObject({ left: { type: 'ShellLost' } });
  });

  it('shows nothing that comes after the answer', async () => {
    const { shell, output, ran } = await begin({ maxOutputBytes: 3 });
    void shell.print('stdout', 'abcdef');
    const { sink } = shell.requests[0] ?? {};
    shell.reply({ type: 'Done', exitCode: 0, dirty: false });
    expect(await ran).toMatchObject({ right: { truncated: { stdout: true, stderr: false } } });
    void sink?.('stderr', Buffer.from('late'));
    expect(output).toEqual({ stdout: 'abc', stderr: '' });
  });
});
