import { describe, expect, it } from '@jest/globals';
import { leaseEnd, overBecause } from '../../../../src/core/lease/deadline.js';

const lease = { expiresAt: 100_000, lastActiveAt: 0 };

describe('the end of a lease', () => {
  it('is its expiry or its idle timeout, whichever comes first', () => {
    expect(leaseEnd(lease, 60)).toEqual({ at: 60_000, reason: 'Idle' });
    expect(leaseEnd({ ...lease, lastActiveAt: 50_000 }, 60)).toEqual({
      at: 100_000,
      reason: 'Expired',
    });
    expect(leaseEnd({ ...lease, lastActiveAt: 40_000 }, 60)).toEqual({
      at: 100_000,
      reason: 'Expired',
    });
    expect(leaseEnd(lease, Number.POSITIVE_INFINITY)).toEqual({ at: 100_000, reason: 'Expired' });
  });

  it('comes at the very millisecond', () => {
    expect(overBecause({ ...lease, running: 0 }, 60, 59_999)).toBeUndefined();
    expect(overBecause({ ...lease, running: 0 }, 60, 60_000)).toBe('Idle');
  });

  it('never comes while a command runs, and at once when the last one ends after the expiry', () => {
    expect(overBecause({ ...lease, running: 1 }, 60, 1_000_000)).toBeUndefined();
    const touched = { ...lease, lastActiveAt: 1_000_000, running: 0 };
    expect(overBecause(touched, 60, 1_000_000)).toBe('Expired');
  });
});
