import * as E from 'fp-ts/lib/Either.js';
import { poolKeyText } from '../api/pool-key.js';
import type { SandboxPoolSpec } from '../api/sandbox-pool-spec.js';
import type { PoolStore } from '../ports/pool-store.js';
import type {
  AcquireError,
  Activity,
  Fenced,
  Grant,
  LeaseController,
  LeaseGone,
} from '../reconcile/leases.js';
import type { ExecuteRequest } from './execute.js';

export type ExecSettings = SandboxPoolSpec['exec'];

/** A lease, and this command's part in it. */
export interface Hold {
  readonly grant: Grant;
  readonly activity: Activity;
  readonly settings: ExecSettings;
}

/** Finds or makes the thread's lease and takes part in it. */
export const holdLease = ({
  pools,
  leases,
}: {
  readonly pools: PoolStore;
  readonly leases: LeaseController;
}) => {
  /** A pool whose manifest is gone still has leases for a while, and their commands need its settings. */
  const lastSettings = new Map<string, ExecSettings>();

  const settingsOf = (request: ExecuteRequest): ExecSettings | undefined => {
    const key = poolKeyText(request.pool);
    const settings = pools.get(request.pool)?.pool.spec.exec;
    if (settings === undefined) return lastSettings.get(key);
    lastSettings.set(key, settings);
    return settings;
  };

  const enter = async (
    request: ExecuteRequest,
    signal: AbortSignal,
  ): Promise<E.Either<AcquireError | Fenced | LeaseGone, Hold | undefined>> => {
    const { pool, tenant, thread, leaseEpoch } = request;
    const known = leaseEpoch === undefined ? undefined : leases.find(request);
    // who speaks for a lease that is no more must not be given a new one
    if (leaseEpoch !== undefined && known === undefined && pools.get(pool) !== undefined) {
      return E.left(leaseGone('before the command began'));
    }
    const acquired = await leases.acquire({ pool, tenant, thread, renew: false }, signal)();
    if (E.isLeft(acquired)) return acquired;
    const grant = acquired.right;
    const { epoch } = grant.lease;
    if (leaseEpoch !== undefined && leaseEpoch !== epoch) return E.left(fenced(leaseEpoch, epoch));
    const settings = settingsOf(request);
    if (settings === undefined) return E.left(unknownPool(request));
    const activity = leases.begin(request, epoch);
    return E.right(activity && { grant, activity, settings });
  };

  return async (
    request: ExecuteRequest,
    signal: AbortSignal,
  ): Promise<E.Either<AcquireError | Fenced | LeaseGone, Hold>> => {
    // a lease may end between its grant and the command: the next one is as good, once
    for (const _ of ['first', 'again']) {
      const entered = await enter(request, signal);
      if (E.isLeft(entered)) return entered;
      if (entered.right !== undefined) return E.right(entered.right);
    }
    return E.left(leaseGone('before the command began'));
  };
};

const fenced = (asked: number, epoch: number): Fenced => ({
  type: 'Fenced',
  message: `the thread's lease has epoch ${epoch}, not ${asked}`,
  epoch,
});

const unknownPool = ({ pool }: ExecuteRequest): AcquireError => ({
  type: 'PoolUnknown',
  message: `there is no pool ${poolKeyText(pool)}`,
});

export const leaseGone = (when: string): LeaseGone => ({
  type: 'LeaseGone',
  message: `the lease ended ${when}`,
});
