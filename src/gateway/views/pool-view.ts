import type { StoredPool } from '../../ports/pool-store.js';
import type { GatewayDeps } from '../gateway-deps.js';

/** Says what the pool is busy with, while it is. */
export const PROGRESS_ANNOTATION = 'warmpool.dev/progress';

/** A pool as the HTTP interface shows it: the SandboxPool object with its present status. */
export const poolView = (stored: StoredPool, deps: GatewayDeps) => {
  const progress = deps.progress?.(stored.key);
  const { metadata } = stored.pool;
  return {
    ...stored.pool,
    metadata: {
      ...metadata,
      generation: stored.generation,
      ...(progress === undefined
        ? {}
        : { annotations: { ...metadata.annotations, [PROGRESS_ANNOTATION]: progress } }),
    },
    status: deps.pools.getStatus(stored.key),
  };
};
