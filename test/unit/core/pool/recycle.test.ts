import { describe, expect, it } from '@jest/globals';
import { ceilingOf } from '../../../../src/core/pool/ceiling.js';
import { maxUnavailableOf } from '../../../../src/core/pool/max-unavailable.js';
import { dueReason, tooOldAt } from '../../../../src/core/pool/recycle.js';
import { reasonText, recycleReasonOf } from '../../../../src/core/pool/recycle-reason.js';
import { aSandbox } from '../../../support/builders.js';

const policy = { templateHash: 'h', maxAgeSeconds: 1000, maxLeases: 3 };

describe('recycling', () => {
  it('lets a sandbox grow to at least nine tenths of its age, each to its own moment', () => {
    const ends = Array.from({ length: 200 }, (_none, n) =>
      tooOldAt({ uid: `u${n}`, name: 'x', createdAt: 0 }, 1000),
    );
    expect(Math.min(...ends)).toBeGreaterThan(900_000 - 1);
    expect(Math.max(...ends)).toBeLessThanOrEqual(1_000_000);
    expect(new Set(ends).size).toBeGreaterThan(190);
    expect(tooOldAt({ uid: 'u1', name: 'y', createdAt: 0 }, 1000)).toBe(ends[1]);
  });

  it('names the most pressing reason', () => {
    const good = aSandbox({ templateHash: 'h', createdAt: 0 });
    expect(dueReason(good, policy, 1)).toBeUndefined();
    expect(dueReason({ ...good, leases: 3 }, policy, 1)).toBe('MaxLeases');
    expect(dueReason(good, policy, 1_000_000)).toBe('MaxAge');
    expect(dueReason({ ...good, templateHash: 'g', leases: 3 }, policy, 1)).toBe('TemplateChanged');
  });

  it('reads back the reason that it wrote', () => {
    expect(recycleReasonOf(reasonText('Stopped', 'exited: 1'))).toBe('Stopped');
    expect(recycleReasonOf(reasonText('MaxAge'))).toBe('MaxAge');
    expect(recycleReasonOf('Expired')).toBe('Released');
    expect(recycleReasonOf('toString')).toBe('Released');
    expect(recycleReasonOf(undefined)).toBe('Released');
  });
});

describe('the bounds of a pool', () => {
  it.each([
    ['25%', 5, 1],
    ['25%', 3, 1],
    ['50%', 5, 2],
    ['100%', 5, 5],
    ['1%', 0, 1],
    [2, 5, 2],
    [9, 5, 5],
    ['nonsense', 5, 1],
  ])('maxUnavailable %s of %i is %i', (value, replicas, expected) => {
    expect(maxUnavailableOf(value, replicas)).toBe(expected);
  });

  it.each([
    [{ replicas: 1 }, 20],
    [{ replicas: 10 }, 40],
    [{ replicas: 2, maxSandboxes: 3 }, 3],
  ])('the ceiling of %j is %i', (spec, expected) => {
    expect(ceilingOf(spec)).toBe(expected);
  });
});
