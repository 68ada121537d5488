import * as E from 'fp-ts/lib/Either.js';
import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import { creationsAllowed } from '../core/pool/creation-backoff.js';
import { planPool } from '../core/pool/plan.js';
import type { PlanInput, PlanSpec } from '../core/pool/plan-types.js';
import type { Sandbox } from '../core/pool/sandbox.js';
import type { PoolProblem } from '../core/pool/status.js';
import type { StoredPool } from '../ports/pool-store.js';
import { continueSandboxes } from './continue-sandboxes.js';
import { planSpecOf } from './describe-pool.js';
import { executePlan } from './execute-plan.js';
import type { PoolContext } from './pool-context.js';
import { publishSizes, publishStatus } from './publish-status.js';

type Creation = PlanInput['creation'];

/** The template's problem as far as it can be told without trying. */
const refusal = ({ backend }: PoolContext, { pool }: StoredPool): PoolProblem | undefined => {
  const checked = backend.checkTemplate(pool.spec.template);
  if (E.isRight(checked)) return undefined;
  const message = checked.left.map((each) => `${each.path}: ${each.message}`).join('; ');
  return { reason: 'TemplateRefused', message };
};

const NOTHING_NOW: Creation = { allowed: 0, failing: true };

/** How creating stands for a pool: what may begin, and the problem to show. */
const creationOf = (
  context: PoolContext,
  stored: StoredPool,
  spec: PlanSpec,
  sandboxes: readonly Sandbox[],
): { readonly creation: Creation; readonly problem?: PoolProblem } => {
  const silence = context.health.problem();
  if (silence !== undefined) {
    return { creation: NOTHING_NOW, problem: { reason: 'BackendUnavailable', message: silence } };
  }
  const refused = refusal(context, stored);
  if (refused !== undefined) return { creation: NOTHING_NOW, problem: refused };

  const template = { pool: stored.key, templateHash: spec.templateHash };
  const ofTemplate = sandboxes.filter((each) => each.templateHash === spec.templateHash);
  const worked = ofTemplate.some(({ phase }) => phase === 'Ready' || phase === 'Leased');
  // adopted ones prove the template, too
  if (!context.records.of(template).proven && worked) context.records.succeeded(template);
  const state = context.records.of(template);
  const underWay = ofTemplate.filter(({ phase }) => phase === 'Creating').length;
  return {
    creation: {
      allowed: creationsAllowed(state, underWay, context.clock.now()),
      failing: state.failures > 0 || state.earlyStops > 1,
      ...(state.retryAt === undefined ? {} : { retryAt: state.retryAt }),
    },
    ...(state.problem === undefined ? {} : { problem: state.problem }),
  };
};

const soonest = (...times: readonly (number | undefined)[]): number | undefined =>
  times.reduce((a, b) => (a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)));

const planDeleted = (context: PoolContext, key: PoolKey): number | undefined => {
  const { table, clock, records, progress, metrics } = context;
  const wait = continueSandboxes(context, table.list(key), undefined);
  const plan = planPool({
    sandboxes: table.list(key),
    waiting: 0,
    now: clock.now(),
    creation: NOTHING_NOW,
    slots: 0,
  });
  executePlan(context, plan, undefined);
  context.slots.report(key, { took: 0, waits: false });
  records.forget(key);
  const left = table.list(key);
  if (left.length > 0) {
    publishSizes(context, key, left, 0);
    return wait;
  }
  progress.delete(poolKeyText(key));
  metrics.forgetPool(key);
  return undefined;
};

/**
 * One pass over one pool: moves on what is under way, plans, carries out, and says how the pool is. Does
 * not wait for slow work: that ends in another pass. The answer is when to come again, in milliseconds.
 */
export const reconcilePool = (context: PoolContext, key: PoolKey): number | undefined => {
  const { pools, table, clock, slots, queueLength } = context;
  const stored = pools.get(key);
  if (stored === undefined) return planDeleted(context, key);

  const spec = planSpecOf(stored);
  const wait = continueSandboxes(context, table.list(key), stored);
  const sandboxes = table.list(key);
  const { creation, problem } = creationOf(context, stored, spec, sandboxes);
  const now = clock.now();
  const plan = planPool({
    spec,
    sandboxes,
    waiting: queueLength(key),
    now,
    creation,
    slots: slots.free(key),
  });
  const took = executePlan(context, plan, { stored, spec });
  slots.report(key, { took, waits: plan.waitsForSlot });

  publishStatus(context, stored, {
    spec,
    ...(plan.partial === undefined ? {} : { partial: plan.partial }),
    ...(problem === undefined ? {} : { problem }),
  });
  const wake = plan.wakeAt === undefined ? undefined : Math.max(0, plan.wakeAt - now);
  return soonest(wait, wake);
};
