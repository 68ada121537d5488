import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import type { SandboxPoolStatus } from '../api/sandbox-pool.js';
import type { PlanSpec } from '../core/pool/plan-types.js';
import type { Sandbox } from '../core/pool/sandbox.js';
import { computeStatus, countPhases, type PoolProblem } from '../core/pool/status.js';
import type { StoredPool } from '../ports/pool-store.js';
import { selectorOf } from './describe-pool.js';
import type { PoolContext } from './pool-context.js';

/** What a creation of the pool is at, for people; undefined while nothing is being made. */
export const progressOf = ({ progress }: Pick<PoolContext, 'progress'>, key: PoolKey) => {
  const [text] = progress.get(poolKeyText(key))?.values() ?? [];
  return text;
};

export const publishSizes = (
  { metrics }: PoolContext,
  key: PoolKey,
  sandboxes: readonly Sandbox[],
  desired: number,
): void => metrics.poolSizes(key, countPhases(sandboxes), desired);

const degradedOf = (status: SandboxPoolStatus | undefined) =>
  status?.conditions.find(({ type }) => type === 'Degraded');

/** The log tells when a pool gets into trouble, into another one, and out of it. */
const logTrouble = (
  { logger }: PoolContext,
  key: PoolKey,
  before: SandboxPoolStatus | undefined,
  after: SandboxPoolStatus,
): void => {
  const was = degradedOf(before);
  const is = degradedOf(after);
  if (is === undefined || (was?.status === is.status && was.reason === is.reason)) return;
  const pool = poolKeyText(key);
  if (is.status === 'True') {
    logger.warn({ pool, reason: is.reason, error: is.message }, 'pool is degraded');
  } else if (was !== undefined) {
    logger.info({ pool }, 'pool is not degraded any more');
  }
};

/** Says how a pool is: its status, its sizes, and a line in the log when it gets into trouble or out of it. */
export const publishStatus = (
  context: PoolContext,
  stored: StoredPool,
  found: {
    readonly spec: PlanSpec;
    readonly partial?: string;
    readonly problem?: PoolProblem;
  },
): void => {
  const { table, pools, clock } = context;
  const { key, generation } = stored;
  const sandboxes = table.list(key);
  const previous = pools.getStatus(key);
  const progress = progressOf(context, key);
  const status = computeStatus({
    ...found,
    generation,
    selector: selectorOf(key),
    sandboxes,
    ...(progress === undefined ? {} : { progress }),
    ...(previous === undefined ? {} : { previous }),
    now: clock.now(),
  });
  logTrouble(context, key, previous, status);
  pools.putStatus(key, status);
  publishSizes(context, key, sandboxes, found.spec.replicas);
};
