import type { Sandbox } from '../pool/sandbox.js';

/** What the pool asks of a sandbox that is leased. */
export interface AssignPolicy {
  /** Hash of the current template. */
  readonly templateHash: string;
  /** A sandbox that has had so many leases is never leased again. */
  readonly maxLeases: number;
}

type Identified = Sandbox & { readonly uid: string };

const assignable = (sandbox: Sandbox, { maxLeases }: AssignPolicy): sandbox is Identified =>
  sandbox.phase === 'Ready' && sandbox.uid !== undefined && sandbox.leases < maxLeases;

/** Negative if `a` is to be leased before `b`: the current template first, then the least used, then the oldest. */
const compare = (a: Identified, b: Identified, { templateHash }: AssignPolicy): number =>
  Number(b.templateHash === templateHash) - Number(a.templateHash === templateHash) ||
  a.leases - b.leases ||
  a.createdAt - b.createdAt ||
  (a.uid < b.uid ? -1 : 1);

/** The sandbox that the next caller gets; undefined if none can be leased. The order of the input does not matter. */
export const chooseSandbox = (
  sandboxes: readonly Sandbox[],
  policy: AssignPolicy,
): Identified | undefined => {
  let best: Identified | undefined;
  for (const sandbox of sandboxes) {
    if (!assignable(sandbox, policy)) continue;
    if (best === undefined || compare(sandbox, best, policy) < 0) best = sandbox;
  }
  return best;
};
