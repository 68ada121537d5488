import { assertNever } from '../core/assert-never.js';
import type { Plan, PlanSpec } from '../core/pool/plan-types.js';
import { reasonText } from '../core/pool/recycle-reason.js';
import type { StoredPool } from '../ports/pool-store.js';
import { startCreation } from './create-sandbox.js';
import type { PoolContext } from './pool-context.js';

/** Where the sandboxes that a plan makes belong; absent for a pool that is deleted. */
export interface PlanTarget {
  readonly stored: StoredPool;
  readonly spec: PlanSpec;
}

const textWithDetail = (reason: Parameters<typeof reasonText>[0], detail?: string): string => {
  // a failed sandbox's reason starts with its word already
  if (detail === undefined) return reason;
  return detail.startsWith(reason) ? detail : reasonText(reason, detail);
};

/**
 * Carries out a plan as far as reserving goes: everything it decides is in the table when this returns.
 * The slow part follows in jobs. The answer is the number of creations begun.
 */
export const executePlan = (
  context: PoolContext,
  plan: Plan,
  target: PlanTarget | undefined,
): number => {
  let created = 0;
  for (const action of plan.actions) {
    switch (action.type) {
      case 'Create':
        if (target === undefined) break;
        startCreation(context, target.stored, target.spec);
        created += 1;
        break;
      case 'Retire': {
        // whoever leased it first keeps it: then the move does nothing
        const text = textWithDetail(action.reason, action.detail);
        context.table.move(action.uid, action.from, 'Terminating', text);
        break;
      }
      default:
        assertNever(action);
    }
  }
  return created;
};
