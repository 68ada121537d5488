import { describe, expect, it } from '@jest/globals';
import type { Sandbox } from '../../../../src/core/pool/sandbox.js';
import { computeStatus, countPhases, type StatusInput } from '../../../../src/core/pool/status.js';
import { aSandbox } from '../../../support/builders.js';

const NOW = 1_700_000_000_000;
const SPEC = {
  replicas: 2,
  ceiling: 4,
  maxUnavailable: 1,
  templateHash: 'new',
  maxAgeSeconds: 3600,
  maxLeases: 5,
};
const status = (sandboxes: readonly Sandbox[], more: Partial<StatusInput> = {}) =>
  computeStatus({
    spec: SPEC,
    generation: 7,
    selector: 'a=b',
    sandboxes,
    now: NOW,
    ...more,
  });
const ready = (more: Partial<Sandbox> = {}) => aSandbox({ templateHash: 'new', ...more });
const leased = (count: number) => Array.from({ length: count }, () => ready({ phase: 'Leased' }));
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

  it('is Ready with its replicas, or with what leases leave room for', () => {
    expect(condition(status([ready(), ready()]), 'Ready')?.reason).toBe('EnoughReady');
    expect(condition(status([ready(), ...leased(3)]), 'Ready')).toMatchObject({
      status: 'True',
      reason: 'AtCapacity',
    });
    expect(condition(status(leased(3)), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'TooFewReady',
    });
  });

  it.each([0, 2])(
    'is not Ready when leases take up all it may have, with %i replicas',
    (replicas) => {
      const spec = { ...SPEC, replicas };
      expect(condition(status(leased(4), { spec }), 'Ready')).toMatchObject({
        status: 'False',
        reason: 'Exhausted',
        message: expect.stringContaining('all the 4 sandboxes that it may have'),
      });
    },
  );

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
