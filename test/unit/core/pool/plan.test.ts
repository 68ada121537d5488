import { describe, expect, it } from '@jest/globals';
import { planPool } from '../../../../src/core/pool/plan.js';
import type { PlanInput, PlanSpec } from '../../../../src/core/pool/plan-types.js';
import type { Sandbox } from '../../../../src/core/pool/sandbox.js';

const NOW = 1_700_000_000_000;
const spec: PlanSpec = {
  replicas: 3,
  ceiling: 10,
  maxUnavailable: 1,
  templateHash: 'new',
  maxAgeSeconds: 3600,
  maxLeases: 5,
};

const sandbox = (name: string, more: Partial<Sandbox> = {}): Sandbox => ({
  name,
  uid: `uid-${name}`,
  pool: { namespace: 'default', name: 'python' },
  templateHash: 'new',
  createdAt: NOW - 1000,
  phase: 'Ready',
  leases: 0,
  ...more,
});

const plan = (sandboxes: readonly Sandbox[], more: Partial<PlanInput> = {}) =>
  planPool({
    spec,
    sandboxes,
    waiting: 0,
    now: NOW,
    creation: { allowed: Number.POSITIVE_INFINITY, failing: false },
    slots: 4,
    ...more,
  });

/** `+` for each creation, `-name:reason` for each that is retired. */
const said = (sandboxes: readonly Sandbox[], more: Partial<PlanInput> = {}): readonly string[] =>
  plan(sandboxes, more).actions.map((action) =>
    action.type === 'Create' ? '+' : `-${action.uid.slice(4)}:${action.reason}`,
  );

describe('planPool', () => {
  it('fills an empty pool', () => {
    expect(said([])).toEqual(['+', '+', '+']);
  });

  it('counts what is on its way', () => {
    const { uid: _uid, ...young } = sandbox('a', { phase: 'Creating' });
    expect(said([young, sandbox('b', { phase: 'Resetting' })])).toEqual(['+']);
  });

  it('does not count on a resetting sandbox that is due', () => {
    const due = sandbox('a', { phase: 'Resetting', leases: 5 });
    expect(said([due, sandbox('b'), sandbox('c')])).toEqual(['+']);
  });

  it('wants one more for each waiting caller', () => {
    expect(said([sandbox('a'), sandbox('b'), sandbox('c')], { waiting: 2 })).toEqual(['+', '+']);
  });

  it('counts sandboxes on their way out against the ceiling, and says so', () => {
    const leaving = Array.from({ length: 9 }, (_none, n) =>
      sandbox(`${n}`, { phase: 'Terminating' }),
    );
    const { actions, partial } = plan(leaving);
    expect(actions).toHaveLength(1);
    expect(partial).toBe('2 more wanted, but the pool may have 10 sandboxes at most');
  });

  it('shrinks by the old template first, then the most used, then the oldest', () => {
    const all = [
      sandbox('young'),
      sandbox('older', { createdAt: NOW - 60_000 }),
      sandbox('used', { leases: 2 }),
      sandbox('outdated', { templateHash: 'old' }),
    ];
    const shrunk = said(all, { spec: { ...spec, replicas: 1 } });
    expect(shrunk).toEqual(['-outdated:TemplateChanged', '-used:Surplus', '-older:Surplus']);
  });

  it('makes a replacement ahead before it retires what is due', () => {
    const old = ['a', 'b', 'c'].map((name) => sandbox(name, { templateHash: 'old' }));
    expect(said(old)).toEqual(['+']);
    expect(said([...old, sandbox('d', { phase: 'Creating' })])).toEqual([]);
    // one out, and the next one begun in the same breath
    expect(said([...old, sandbox('d')])).toEqual(['-a:TemplateChanged', '+']);
  });

  it('gives up as many as maxUnavailable allows where replacements find no room', () => {
    const old = ['a', 'b', 'c'].map((name) => sandbox(name, { templateHash: 'old' }));
    const tight = { ...spec, ceiling: 3 };
    expect(said(old, { spec: tight })).toEqual(['-a:TemplateChanged']);
    expect(said(old, { spec: { ...tight, maxUnavailable: 2 } })).toHaveLength(2);
    expect(said(old, { spec: tight, creation: { allowed: 1, failing: true } })).toEqual([]);
  });

  it('replaces what is too old by the same rule', () => {
    const aged = sandbox('a', { createdAt: NOW - 3_600_000 });
    expect(said([aged, sandbox('b'), sandbox('c')])).toEqual(['+']);
    expect(said([aged, sandbox('b'), sandbox('c'), sandbox('d')])).toEqual(['-a:MaxAge']);
  });

  it('retires a worn-out sandbox at once, as it serves nobody', () => {
    const worn = sandbox('a', { leases: 5 });
    expect(said([worn, sandbox('b'), sandbox('c')])).toEqual(['-a:MaxLeases', '+']);
  });

  it('removes failed sandboxes and names what they failed of', () => {
    const failed = sandbox('a', { phase: 'Failed', reason: 'WarmupFailed: no directory' });
    expect(plan([failed]).actions[0]).toEqual({
      type: 'Retire',
      uid: 'uid-a',
      from: 'Failed',
      reason: 'WarmupFailed',
      detail: 'WarmupFailed: no directory',
    });
  });

  it('asks to come back when the next sandbox grows too old', () => {
    const wakeAt = plan([sandbox('a'), sandbox('b'), sandbox('c')]).wakeAt ?? 0;
    expect(wakeAt).toBeGreaterThan(NOW + 3_200_000);
    expect(wakeAt).toBeLessThanOrEqual(NOW + 3_599_000);
  });

  it('asks to come back when the template may be tried again', () => {
    const creation = { allowed: 0, failing: true, retryAt: NOW + 4000 };
    expect(plan([], { creation })).toMatchObject({
      actions: [],
      partial: '3 wait until a trial creation succeeds',
      wakeAt: NOW + 4000,
      waitsForSlot: false,
    });
  });

  it('says when it only waits for a free slot', () => {
    expect(plan([], { slots: 1 })).toMatchObject({
      waitsForSlot: true,
      partial: '2 wait for other creations to finish',
    });
  });

  it('shrinks to what a lowered ceiling leaves beside leased sandboxes', () => {
    const leased = ['x', 'y', 'z'].map((name) => sandbox(name, { phase: 'Leased' }));
    const ready = ['a', 'b', 'c'].map((name) => sandbox(name));
    expect(said([...leased, ...ready], { spec: { ...spec, ceiling: 4 } })).toHaveLength(2);
  });
});
