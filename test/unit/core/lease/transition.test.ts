import { describe, expect, it } from '@jest/globals';
import { labelLease, renewLease, touchLease } from '../../../../src/core/lease/transition.js';

const lease = { expiresAt: 100_000, lastActiveAt: 10_000, labels: { a: '1', b: '2' } };

describe('renewing', () => {
  it('counts the time that was asked for from now, also when that is sooner than before', () => {
    const renewal = { now: 20_000, defaultSeconds: 3600 };
    expect(renewLease(lease, { ...renewal, durationSeconds: 10 }).expiresAt).toBe(30_000);
    expect(renewLease(lease, { ...renewal, durationSeconds: 100 }).expiresAt).toBe(120_000);
  });

  it('never shortens by the time of the pool', () => {
    expect(renewLease(lease, { now: 20_000, defaultSeconds: 10 }).expiresAt).toBe(100_000);
    expect(renewLease(lease, { now: 95_000, defaultSeconds: 10 }).expiresAt).toBe(105_000);
  });

  it('is activity, and merges labels', () => {
    const renewed = renewLease(lease, {
      now: 20_000,
      defaultSeconds: 10,
      labels: { b: '3', c: '4' },
    });
    expect(renewed.lastActiveAt).toBe(20_000);
    expect(renewed.labels).toEqual({ a: '1', b: '3', c: '4' });
  });
});

describe('labelling', () => {
  it('changes nothing where the labels are there already', () => {
    expect(labelLease(lease, {})).toBe(lease);
    expect(labelLease(lease, { a: '1' })).toBe(lease);
    expect(labelLease(lease, { a: '2' })).toEqual({ ...lease, labels: { a: '2', b: '2' } });
    expect(labelLease(lease, { constructor: 'x' }).labels).toEqual({
      ...lease.labels,
      constructor: 'x',
    });
  });
});

describe('touching', () => {
  it('moves the last activity forward only', () => {
    expect(touchLease(lease, 20_000).lastActiveAt).toBe(20_000);
    expect(touchLease(lease, 10_000)).toBe(lease);
    expect(touchLease(lease, 5000)).toBe(lease);
  });
});
