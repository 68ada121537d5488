import { describe, expect, it } from '@jest/globals';
import { backoffMs } from '../../../src/runtime/backoff.js';
import { TIMED_OUT, withDeadline } from '../../../src/runtime/deadline.js';
import { createKeyedJobs } from '../../../src/runtime/keyed-jobs.js';
import { boundedRunner, runBounded } from '../../../src/runtime/run-bounded.js';
import { manualClock, settle } from '../../support/manual-clock.js';
import { silentLogger } from '../../support/silent-logger.js';

describe('the bounded runner', () => {
  it('never runs more than its limit, and keeps the order of the results', async () => {
    let running = 0;
    let most = 0;
    const results = await runBounded([1, 2, 3, 4, 5, 6, 7], 3, async (n) => {
      running += 1;
      most = Math.max(most, running);
      await settle();
      running -= 1;
      return n * 10;
    });
    expect(most).toBe(3);
    expect(results).toEqual([10, 20, 30, 40, 50, 60, 70]);
  });

  it('gives the place of a failed task to the next one', async () => {
    const runner = boundedRunner(1);
    const failing = runner.run(() => Promise.reject(new Error('no')));
    const next = runner.run(() => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(runner.running()).toBe(0);
  });
});

describe('a deadline', () => {
  it('gives the result if it comes in time, and leaves no timer', async () => {
    const clock = manualClock();
    expect(await withDeadline(clock, 100, Promise.resolve(7))).toBe(7);
    expect(clock.timers()).toBe(0);
  });

  it('gives up on what takes too long', async () => {
    const clock = manualClock();
    const result = withDeadline(clock, 100, new Promise(() => undefined));
    await clock.advance(100);
    expect(await result).toBe(TIMED_OUT);
  });
});

describe('backoff', () => {
  it('doubles up to its bound, for any number of failures', () => {
    const settings = { firstMs: 1000, longestMs: 300_000 };
    expect([0, 1, 2, 3, 9, 10, 5000].map((n) => backoffMs(settings, n))).toEqual([
      0, 1000, 2000, 4000, 256_000, 300_000, 300_000,
    ]);
  });
});

describe('keyed jobs', () => {
  it('run one at a time for each key, and survive a defect', async () => {
    const ended: string[] = [];
    const errors: unknown[] = [];
    const jobs = createKeyedJobs({
      logger: { ...silentLogger, error: (fields) => void errors.push(fields['error']) },
      onEnd: (key) => void ended.push(key),
    });
    let begun = 0;
    const job = async (): Promise<void> => {
      begun += 1;
      throw new Error('a bug');
    };
    jobs.start('a', job);
    jobs.start('a', job);
    jobs.start('b', job);
    expect(jobs.has('a')).toBe(true);
    await jobs.idle();
    expect(begun).toBe(2);
    expect(ended).toEqual(['a', 'b']);
    expect(errors).toHaveLength(2);
    expect(jobs.has('a')).toBe(false);
  });
});
