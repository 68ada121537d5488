import { describe, expect, it } from '@jest/globals';
import { waitForEnd } from '../../../src/exec/wait-for-end.js';
import { deferred } from '../../support/deferred.js';
import { manualClock } from '../../support/manual-clock.js';

const setUp = () => {
  const clock = manualClock();
  const ended = deferred<string>();
  const cancel = new AbortController();
  const limits = { timeoutMs: 1000, signal: cancel.signal };
  return { clock, ended, cancel, end: waitForEnd(clock, ended.promise, limits) };
};

describe('waitForEnd', () => {
  it('gives the end that came in time, and leaves no timer', async () => {
    const { clock, ended, end } = setUp();
    ended.resolve('the end');
    expect(await end).toBe('the end');
    expect(clock.timers()).toBe(0);
  });

  it('says that the time is over', async () => {
    const { clock, end } = setUp();
    await clock.advance(1000);
    expect(await end).toBe('TimedOut');
  });

  it('says that the caller is gone, also when that was before', async () => {
    const { clock, cancel, end } = setUp();
    cancel.abort();
    expect(await end).toBe('Canceled');
    expect(clock.timers()).toBe(0);
    const late = waitForEnd(clock, new Promise<string>(() => undefined), {
      timeoutMs: 1000,
      signal: cancel.signal,
    });
    expect(await late).toBe('Canceled');
  });
});
