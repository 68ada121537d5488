import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { chooseSandbox } from '../../../../src/core/lease/assign.js';
import { PHASES, type Sandbox } from '../../../../src/core/pool/sandbox.js';

const policy = { templateHash: 'new', maxLeases: 3 };

const sandbox = (uid: string, parts: Partial<Sandbox> = {}): Sandbox => ({
  name: `box-${uid}`,
  uid,
  pool: { namespace: 'default', name: 'box' },
  templateHash: 'new',
  createdAt: 0,
  phase: 'Ready',
  leases: 0,
  ...parts,
});

describe('choosing a sandbox', () => {
  it('prefers the current template, then the least used, then the oldest', () => {
    const old = sandbox('old template', { templateHash: 'old', createdAt: -1 });
    const used = sandbox('used', { leases: 1 });
    const young = sandbox('young', { createdAt: 2 });
    const best = sandbox('best', { createdAt: 1 });
    expect(chooseSandbox([old, used, young, best], policy)?.uid).toBe('best');
    expect(chooseSandbox([old, used, young], policy)?.uid).toBe('young');
    expect(chooseSandbox([old, used], policy)?.uid).toBe('used');
    expect(chooseSandbox([old], policy)?.uid).toBe('old template');
  });

  it('takes only what is ready, known to the backend and not worn out', () => {
    const { uid: _, ...withoutUid } = sandbox('x');
    const others = PHASES.filter((phase) => phase !== 'Ready').map((phase) =>
      sandbox(phase, { phase }),
    );
    expect(
      chooseSandbox([...others, withoutUid, sandbox('worn', { leases: 3 })], policy),
    ).toBeUndefined();
    expect(chooseSandbox([], policy)).toBeUndefined();
  });

  it('does not depend on the order in which the sandboxes come', () => {
    const some = fc.uniqueArray(
      fc.record({
        uid: fc.string({ minLength: 1, maxLength: 2 }),
        templateHash: fc.constantFrom('new', 'old'),
        createdAt: fc.nat({ max: 2 }),
        leases: fc.nat({ max: 4 }),
        phase: fc.constantFrom('Ready' as const, 'Leased' as const),
      }),
      { selector: ({ uid }) => uid, maxLength: 8 },
    );
    fc.assert(
      fc.property(some, (parts) => {
        const sandboxes = parts.map((each) => sandbox(each.uid, each));
        const shuffled = sandboxes.toSorted((a, b) => ((a.uid ?? '') > (b.uid ?? '') ? -1 : 1));
        expect(chooseSandbox(shuffled, policy)).toEqual(chooseSandbox(sandboxes, policy));
      }),
    );
  });
});
