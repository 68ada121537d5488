import { describe, expect, it } from '@jest/globals';
import { percentile, summarize } from './statistics.js';

describe('percentile', () => {
  it('is always a value that was measured', () => {
    const sorted = [1, 2, 3, 4];
    expect(percentile(sorted, 0.5)).toBe(2);
    expect(percentile(sorted, 0.9)).toBe(4);
    expect(percentile(sorted, 0)).toBe(1);
  });
});

describe('summarize', () => {
  it('does not depend on the order of the samples', () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summarize(samples)).toEqual({ count: 100, p50: 50, p90: 90, p99: 99, min: 1, max: 100 });
  });

  it('says that there is no figure where nothing was measured', () => {
    expect(summarize([]).p50).toBeNaN();
  });
});
