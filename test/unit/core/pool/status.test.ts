import { describe, expect, it } from '@jest/globals';
import type { Sandbox } from '../../../../src/core/pool/sandbox.js';
import { computeStatus, countPhases, type StatusInput } from '../../../../src/core/pool/status.js';
import { aSandbox } from '../../../support/builders.js';

const NOW = 1_700_000_000_000;
const status = (sandboxes: readonly Sandbox[], more: Partial<StatusInput> = {}) =>
  computeStatus({
    spec: {
      replicas: 2,
      ceiling: 4,
      maxUnavailable: 1,
      templateHash: 'new',
      maxAgeSeconds: 3600,
      maxLeases: 5,
    },
    generation: 7,
    selector: 'a=b',
    sandboxes,
    now: NOW,
    ...more,
  });
const ready = (more: Partial<Sandbox> = {}) => aSandbox({ templateHash: 'new', ...more });
const condition = (of: ReturnType<typeof status>, type: string) =>
  of.conditions.find((each) => each.type === type);

describe('the status of a pool', () => {
  it('counts', () => {
    const all = [
      ready(),
      ready({ leases: 5 }),
      ready({ phase: 'Leased', templateHash: 'old' }),
      ready({ phase: 'Terminating' }),
    ];
    expect(status(all)).toMatchObject({
      replicas: 4,
      readyReplicas: 1,
      leasedReplicas: 1,
      updatedReplicas: 2,
      observedGeneration: 7,
      templateHash: 'new',
      selector: 'a=b',
    });
    expect(countPhases(all)).toMatchObject({ Ready: 2, Leased: 1, Terminating: 1, Creating: 0 });
  });

  it('is Ready with its replicas, or when leases leave no room for more', () => {
    expect(condition(status([ready(), ready()]), 'Ready')?.reason).toBe('EnoughReady');
    const leased = [1, 2, 3, 4].map(() => ready({ phase: 'Leased' }));
    expect(condition(status(leased), 'Ready')).toMatchObject({
      status: 'True',
      reason: 'AtCapacity',
    });
    expect(condition(status(leased.slice(1)), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'TooFewReady',
    });
  });

  it('keeps the time of a condition until its status changes', () => {
    const first = status([]);
    const later = status([ready()], { previous: first, now: NOW + 5000 });
    expect(condition(later, 'Ready')?.lastTransitionTime).toBe(
      condition(first, 'Ready')?.lastTransitionTime,
    );
    const full = status([ready(), ready()], { previous: later, now: NOW + 9000 });
    expect(condition(full, 'Ready')?.lastTransitionTime).toBe(new Date(NOW + 9000).toISOString());
  });

  it('is the same for the same input', () => {
    const all = [ready(), ready()];
    const first = status(all);
    expect(status(all, { previous: first, now: NOW + 60_000 })).toEqual(first);
  });

  it('tells of a rollout, of the problem, and of what limits held back', () => {
    const rolling = status([ready({ templateHash: 'old' })], {
      partial: '1 waits',
      progress: 'pulling x',
      problem: { reason: 'ImageMissing', message: 'no x' },
    });
    expect(condition(rolling, 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'RollingOut',
      message: '1 sandboxes are of an older template; pulling x; 1 waits',
    });
    expect(condition(rolling, 'Degraded')).toMatchObject({
      status: 'True',
      reason: 'ImageMissing',
      message: 'no x',
    });
  });
});
