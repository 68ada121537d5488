import type { PoolKey } from '../../api/pool-key.js';
import type { PoolUnknown } from '../../reconcile/leases.js';

export const poolUnknown = (pool: PoolKey): PoolUnknown => ({
  type: 'PoolUnknown',
  message: `there is no pool "${pool.name}" in the namespace "${pool.namespace}"`,
});
