import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { OpenFailure } from '../../../src/exec/open-failure.js';
import type { ResidentShell } from '../../../src/exec/shell.js';
import { createShellSet, MAX_SHELLS, type ShellSet } from '../../../src/exec/shell-set.js';
import { fakeOpener } from '../../support/fake-shell.js';
import { manualClock, settle } from '../../support/manual-clock.js';

const unavailable: OpenFailure = { type: 'ExecUnavailable', message: 'the engine is down' };
const gone: OpenFailure = { type: 'SandboxGone', message: 'gone', uid: 'u' };
const noShell: OpenFailure = { type: 'NoShell', message: 'no sh' };

const setUp = () => {
  const clock = manualClock();
  const opener = fakeOpener();
  return { clock, opener, shells: createShellSet({ open: opener.open, clock }) };
};

const take = async (shells: ShellSet): Promise<ResidentShell> => {
  const taken = await shells.take();
  if (E.isRight(taken)) return taken.right;
  throw new Error(taken.left.type);
};

const alive = (opener: ReturnType<typeof fakeOpener>): number =>
  opener.shells.filter((shell) => shell.alive).length;

describe('createShellSet', () => {
  it('keeps as many shells open as it is told to, and no more for a single command', async () => {
    const { opener, shells } = setUp();
    shells.keep(2);
    await settle();
    const shell = await take(shells);
    shells.giveBack(shell);
    await settle();
    expect(opener.tries()).toBe(2);
  });

  it('never gives one shell to two', async () => {
    const { shells } = setUp();
    shells.keep(2);
    const taken = await Promise.all(Array.from({ length: MAX_SHELLS }, () => take(shells)));
    expect(new Set(taken).size).toBe(MAX_SHELLS);
  });

  it(`opens no more than ${MAX_SHELLS}, and serves those who wait in their order`, async () => {
    const { opener, shells } = setUp();
    const taken = await Promise.all(Array.from({ length: MAX_SHELLS }, () => take(shells)));
    const order: string[] = [];
    const [first, second] = taken;
    const waits = ['a', 'b'].map(async (name) => {
      await take(shells);
      order.push(name);
    });
    await settle();
    expect(opener.tries()).toBe(MAX_SHELLS);
    if (first !== undefined) shells.giveBack(first);
    if (second !== undefined) shells.giveBack(second);
    await Promise.all(waits);
    expect(order).toEqual(['a', 'b']);
  });

  it('lets the urgent go first, beyond the limit', async () => {
    const { opener, shells } = setUp();
    await Promise.all(Array.from({ length: MAX_SHELLS }, () => take(shells)));
    void shells.take();
    const urgent = await shells.take({ urgent: true });
    expect(E.isRight(urgent)).toBe(true);
    expect(opener.tries()).toBeGreaterThan(MAX_SHELLS);
  });

  it('replaces a retired shell in the background, and closes it', async () => {
    const { opener, shells } = setUp();
    shells.keep(1);
    const shell = await take(shells);
    shells.retire(shell);
    await settle();
    expect(shell.alive).toBe(false);
    expect(alive(opener)).toBe(1);
  });

  it('opens another while a shell is being used up', async () => {
    const { opener, shells } = setUp();
    shells.keep(1);
    shells.willEnd(await take(shells));
    await settle();
    expect(opener.tries()).toBe(2);
  });

  it('makes a caller wait, rather than fail, while a shell cannot be opened', async () => {
    const { clock, opener, shells } = setUp();
    opener.failWith(unavailable);
    const waiting = take(shells);
    await clock.advance(3000);
    opener.failWith(undefined);
    await clock.advance(3000);
    expect((await waiting).alive).toBe(true);
  });

  it('tells a caller after 10 s why there is no shell', async () => {
    const { clock, opener, shells } = setUp();
    opener.failWith(unavailable);
    const waiting = shells.take();
    await clock.advance(10_000);
    expect(await waiting).toEqual(E.left(unavailable));
  });

  it('gives up a caller who goes away, and keeps the shell for the next', async () => {
    const { opener, shells } = setUp();
    opener.hold(true);
    const cancel = new AbortController();
    const waiting = shells.take({ signal: cancel.signal });
    await settle();
    cancel.abort();
    expect(await waiting).toEqual(E.left({ type: 'TakeCanceled' }));
    opener.hold(false);
    await settle();
    shells.keep(1);
    expect((await take(shells)).alive).toBe(true);
  });

  it('tries less and less often when nobody waits, and then no more until somebody does', async () => {
    const { clock, opener, shells } = setUp();
    opener.failWith(unavailable);
    shells.keep(1);
    await clock.advance(600_000);
    const tries = opener.tries();
    expect(tries).toBeLessThan(10);
    expect(clock.timers()).toBe(0);
    opener.failWith(undefined);
    expect((await take(shells)).alive).toBe(true);
    expect(opener.tries()).toBe(tries + 1);
  });

  it('brakes when idle shells end again and again', async () => {
    const { clock, opener, shells } = setUp();
    shells.keep(1);
    for (let round = 0; round < 50; round += 1) {
      await settle();
      opener.shells.at(-1)?.die();
    }
    expect(opener.tries()).toBe(1);
    await clock.advance(100);
    expect(opener.tries()).toBe(2);
  });

  it('sends everybody away at once when the sandbox is gone', async () => {
    const { opener, shells } = setUp();
    opener.failWith(gone);
    expect(await Promise.all([shells.take(), shells.take()])).toEqual([E.left(gone), E.left(gone)]);
  });

  it('believes that an image has no shell only when it is said twice in a row', async () => {
    const { clock, opener, shells } = setUp();
    opener.failWith(noShell);
    const waiting = shells.take();
    await settle();
    expect(shells.hasNoShell()).toBe(false);
    await clock.advance(1000);
    expect(await waiting).toEqual(E.left(noShell));
    expect(shells.hasNoShell()).toBe(true);
  });

  it('never believes it of an image that had one', async () => {
    const { clock, opener, shells } = setUp();
    shells.keep(1);
    shells.retire(await take(shells));
    opener.failWith(noShell);
    opener.shells.at(-1)?.die();
    const waiting = shells.take();
    await clock.advance(10_000);
    expect(await waiting).toMatchObject({ left: { type: 'ExecUnavailable' } });
    expect(shells.hasNoShell()).toBe(false);
  });

  it('closes shells that a burst needed after a while', async () => {
    const { clock, opener, shells } = setUp();
    shells.keep(2);
    const taken = await Promise.all(Array.from({ length: 10 }, () => take(shells)));
    for (const shell of taken) shells.giveBack(shell);
    expect(alive(opener)).toBe(10);
    await clock.advance(120_000);
    expect(alive(opener)).toBe(2);
  });

  it('keeps none when it is told to keep none', async () => {
    const { opener, shells } = setUp();
    shells.keep(0);
    shells.giveBack(await take(shells));
    expect(alive(opener)).toBe(0);
  });

  it('hands out no shell that has died', async () => {
    const { opener, shells } = setUp();
    shells.keep(1);
    await settle();
    opener.shells[0]?.die();
    expect((await take(shells)).alive).toBe(true);
  });

  it('ends every shell when it is closed, those still opening too', async () => {
    const { clock, opener, shells } = setUp();
    shells.keep(2);
    const busy = await take(shells);
    opener.hold(true);
    shells.retire(busy);
    const waiting = shells.take({ urgent: true });
    await settle();
    shells.close(gone);
    opener.hold(false);
    await settle();
    expect(alive(opener)).toBe(0);
    expect(clock.timers()).toBe(0);
    await waiting;
    expect(await shells.take()).toEqual(E.left(gone));
  });
});
