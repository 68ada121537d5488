import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { classify } from '../../src/core/pool/classify.js';
import { maxUnavailableOf } from '../../src/core/pool/max-unavailable.js';
import { planPool } from '../../src/core/pool/plan.js';
import type { Plan, PlanInput, PlanSpec } from '../../src/core/pool/plan-types.js';
import { PHASES, type Sandbox } from '../../src/core/pool/sandbox.js';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const RUNS = { numRuns: 1000 };

const specs: fc.Arbitrary<PlanSpec> = fc
  .record({
    replicas: fc.nat(8),
    spare: fc.nat(6),
    maxUnavailable: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.constantFrom('1%', '25%', '100%')),
  })
  .map(({ replicas, spare, maxUnavailable }) => ({
    replicas,
    ceiling: Math.max(1, replicas + spare),
    maxUnavailable,
    templateHash: 'new',
    maxAgeSeconds: 7200,
    maxLeases: 3,
  }));

const sandboxes: fc.Arbitrary<readonly Sandbox[]> = fc
  .array(
    fc.record({
      phase: fc.constantFrom(...PHASES),
      templateHash: fc.constantFrom('new', 'new', 'old'),
      ageHours: fc.integer({ min: 0, max: 3 }),
      leases: fc.nat(3),
      named: fc.boolean(),
    }),
    { maxLength: 14 },
  )
  .map((all) =>
    all.map(({ phase, templateHash, ageHours, leases, named }, index) => ({
      name: `s${index}`,
      // only one that is being made may have no uid yet
      ...(phase === 'Creating' && named ? {} : { uid: `u${index}` }),
      pool: { namespace: 'default', name: 'python' },
      phase,
      templateHash,
      createdAt: NOW - ageHours * HOUR,
      leases,
    })),
  );

const inputs: fc.Arbitrary<PlanInput & { readonly spec: PlanSpec }> = fc.record({
  spec: specs,
  sandboxes,
  waiting: fc.nat(4),
  now: fc.constant(NOW),
  creation: fc.oneof(
    fc.record({
      allowed: fc.constantFrom(0, 1),
      failing: fc.constant(true),
      retryAt: fc.constant(NOW + 5000),
    }),
    fc.record({
      allowed: fc.constantFrom(1, Number.POSITIVE_INFINITY),
      failing: fc.constant(false),
    }),
  ),
  slots: fc.nat(4),
});

const creates = (plan: Plan): number => plan.actions.filter(({ type }) => type === 'Create').length;
const retired = (plan: Plan): ReadonlySet<string> =>
  new Set(plan.actions.flatMap((action) => (action.type === 'Retire' ? [action.uid] : [])));

/** The sandboxes as they are once the plan is carried out. */
const apply = (input: PlanInput, plan: Plan): readonly Sandbox[] => {
  const going = retired(plan);
  const kept = input.sandboxes.map(
    (sandbox): Sandbox =>
      sandbox.uid !== undefined && going.has(sandbox.uid)
        ? { ...sandbox, phase: 'Terminating' }
        : sandbox,
  );
  const made = Array.from(
    { length: creates(plan) },
    (_none, index): Sandbox => ({
      name: `made${input.sandboxes.length}-${index}`,
      pool: { namespace: 'default', name: 'python' },
      phase: 'Creating',
      templateHash: input.spec?.templateHash ?? '',
      createdAt: input.now,
      leases: 0,
    }),
  );
  return [...kept, ...made];
};

/** Ready sandboxes that a thread could lease. */
const available = (spec: PlanSpec, of: readonly Sandbox[]): number =>
  of.filter(({ phase, leases }) => phase === 'Ready' && leases < spec.maxLeases).length;

describe('a plan', () => {
  it('never touches a leased or resetting sandbox, nor one that is on its way out', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const going = retired(planPool(input));
        for (const { uid, phase } of input.sandboxes) {
          if (uid !== undefined && going.has(uid)) expect(['Ready', 'Failed']).toContain(phase);
        }
      }),
      RUNS,
    );
  });

  it('never makes the population exceed the ceiling, whatever phase it is in', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const made = creates(planPool(input));
        if (made > 0) {
          expect(input.sandboxes.length + made).toBeLessThanOrEqual(input.spec.ceiling);
        }
      }),
      RUNS,
    );
  });

  it('has at most one action for a sandbox', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = planPool(input);
        const uids = plan.actions.flatMap((action) =>
          action.type === 'Retire' ? [action.uid] : [],
        );
        expect(new Set(uids).size).toBe(uids.length);
      }),
      RUNS,
    );
  });

  it('does not depend on the order of the sandboxes', () => {
    const shuffled = inputs.chain((input) =>
      fc
        .shuffledSubarray([...input.sandboxes], { minLength: input.sandboxes.length })
        .map((other) => ({ input, other })),
    );
    fc.assert(
      fc.property(shuffled, ({ input, other }) => {
        expect(planPool({ ...input, sandboxes: other })).toEqual(planPool(input));
      }),
      RUNS,
    );
  });

  it('once carried out, leaves nothing to plan', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = planPool(input);
        const made = creates(plan);
        const again = planPool({
          ...input,
          sandboxes: apply(input, plan),
          creation: { ...input.creation, allowed: input.creation.allowed - made },
          slots: input.slots - made,
        });
        expect(again.actions).toEqual([]);
      }),
      RUNS,
    );
  });

  it('keeps to what the backend and the record of the template allow', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const made = creates(planPool(input));
        expect(made).toBeLessThanOrEqual(input.slots);
        expect(made).toBeLessThanOrEqual(input.creation.allowed);
      }),
      RUNS,
    );
  });

  it('never takes serving sandboxes below replicas - maxUnavailable, as far as the ceiling has room for so many', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { spec } = input;
        const plan = planPool(input);
        const before = available(spec, input.sandboxes);
        const after = available(spec, apply(input, plan));
        const { busy, quarantined } = classify(input.sandboxes, spec, NOW);
        const fits = spec.ceiling - busy.length - quarantined.length;
        const floor = spec.replicas - maxUnavailableOf(spec.maxUnavailable, spec.replicas);
        expect(after).toBeGreaterThanOrEqual(Math.min(before, floor, Math.max(0, fits)));
      }),
      RUNS,
    );
  });

  it('gives up nothing that serves for a template that fails to start', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        if (!input.creation.failing) return;
        const { spec } = input;
        const plan = planPool(input);
        const before = available(spec, input.sandboxes);
        const after = available(spec, apply(input, plan));
        const { busy, quarantined } = classify(input.sandboxes, spec, NOW);
        const fits = Math.max(0, spec.ceiling - busy.length - quarantined.length);
        expect(after).toBeGreaterThanOrEqual(Math.min(before, spec.replicas + input.waiting, fits));
      }),
      RUNS,
    );
  });

  it('says so when limits hold creations back', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const unlimited = planPool({
          ...input,
          creation: { allowed: Number.POSITIVE_INFINITY, failing: input.creation.failing },
          slots: Number.POSITIVE_INFINITY,
        });
        const plan = planPool(input);
        if (creates(plan) < creates(unlimited)) expect(plan.partial).toBeDefined();
      }),
      RUNS,
    );
  });

  it('of a deleted pool makes nothing and retires all that nobody holds', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { spec: _spec, ...deleted } = input;
        const plan = planPool(deleted);
        expect(creates(plan)).toBe(0);
        const idle = input.sandboxes.filter(({ phase }) =>
          ['Ready', 'Failed', 'Quarantined'].includes(phase),
        );
        expect([...retired(plan)].toSorted()).toEqual(idle.map(({ uid = '' }) => uid).toSorted());
      }),
      RUNS,
    );
  });

  it('after plan, in a world without leases and failures, comes to rest at the wanted state', () => {
    fc.assert(
      fc.property(specs, sandboxes, (spec, given) => {
        let world = given.filter(
          ({ phase }) => !['Leased', 'Resetting', 'Quarantined'].includes(phase),
        );
        for (let step = 0; step < 200; step += 1) {
          const input: PlanInput = {
            spec,
            sandboxes: world,
            waiting: 0,
            now: NOW,
            creation: { allowed: Number.POSITIVE_INFINITY, failing: false },
            slots: 2,
          };
          const plan = planPool(input);
          const after = apply(input, plan);
          if (plan.actions.length === 0 && after.every(({ phase }) => phase === 'Ready')) break;
          world = after
            .filter(({ phase }) => phase !== 'Terminating')
            .map(
              (sandbox, index): Sandbox =>
                sandbox.phase === 'Creating'
                  ? { ...sandbox, phase: 'Ready', uid: sandbox.uid ?? `made-${step}-${index}` }
                  : sandbox,
            )
            // names must stay unique over the steps
            .map((sandbox) => ({ ...sandbox, name: sandbox.uid ?? sandbox.name }));
        }
        const buckets = classify(world, spec, NOW);
        expect(buckets.fresh).toHaveLength(spec.replicas);
        expect(world).toHaveLength(spec.replicas);
      }),
      { numRuns: 500 },
    );
  });
});
