import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import type { AcquireCanceled, PoolUnknown, Stopping } from './leases.js';

export const stopping = (message = 'warmpool is stopping and takes no new work'): Stopping => ({
  type: 'Stopping',
  message,
});

export const poolGone = (pool: PoolKey): Stopping =>
  stopping(`the pool ${poolKeyText(pool)} is being deleted and gives no new leases`);

export const poolUnknown = (pool: PoolKey): PoolUnknown => ({
  type: 'PoolUnknown',
  message: `there is no pool ${poolKeyText(pool)}`,
});

export const canceled = (): AcquireCanceled => ({
  type: 'AcquireCanceled',
  message: 'the caller went away while it waited for a sandbox',
});
