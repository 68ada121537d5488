import { describe, expect, it } from '@jest/globals';
import { retryAfterSeconds } from '../../../../src/core/lease/retry-after.js';

describe('when to try again', () => {
  it('is the time in which those in front and the caller are served at the present rate', () => {
    // one each 5 s, and two are in front
    const readyTimes = [0, 5000, 10_000, 15_000];
    expect(retryAfterSeconds({ waiting: 2, readyTimes, now: 20_000 })).toBe(15);
  });

  it('forgets what is longer ago than a minute', () => {
    expect(retryAfterSeconds({ waiting: 0, readyTimes: [0, 1, 2, 70_000], now: 80_000 })).toBe(10);
  });

  it('is a guess when nothing became ready lately', () => {
    expect(retryAfterSeconds({ waiting: 50, readyTimes: [], now: 0 })).toBe(10);
  });

  it('is a whole number of seconds from 1 to 300', () => {
    const burst = Array.from({ length: 60 }, (_, n) => n);
    expect(retryAfterSeconds({ waiting: 0, readyTimes: burst, now: 60 })).toBe(1);
    expect(retryAfterSeconds({ waiting: 100_000, readyTimes: [0], now: 50_000 })).toBe(300);
  });
});
