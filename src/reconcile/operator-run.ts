import type { PoolStore } from '../ports/pool-store.js';
import type { RunningLeases } from './create-lease-controller.js';
import { gateLeases } from './gate-leases.js';
import type { LeaseController } from './leases.js';
import type { PoolReconciler } from './pool-reconciler.js';

/** The controllers at work, from taking over what the last run left to the end. */
export interface OperatorRun {
  /** The leases, for callers: refused until the sandboxes of the last run are known. */
  readonly leases: LeaseController;
  /** Why commands cannot be served at present; empty while they can. */
  readonly hindrances: () => readonly string[];
  /** To be called once. */
  readonly begin: () => void;
  /** Takes no new work. */
  readonly refuse: () => void;
  /** Ends all work; resolves when nothing is under way any more. */
  readonly end: () => Promise<void>;
}

export const createOperatorRun = (parts: {
  readonly pools: PoolStore;
  readonly controller: RunningLeases;
  readonly reconciler: Pick<PoolReconciler, 'adopt' | 'start' | 'backendProblem'>;
}): OperatorRun => {
  const { pools, controller, reconciler } = parts;
  const ending = new AbortController();
  let adopted = false;
  let refusing = false;
  let worked: Promise<unknown> = Promise.resolve();

  const hindrances = (): readonly string[] => [
    ...(refusing ? ['stopping'] : []),
    ...(adopted ? [] : ['taking over the sandboxes that the engine has']),
    ...[reconciler.backendProblem()].filter((problem) => problem !== undefined),
  ];
  const work = async (): Promise<void> => {
    if (!(await reconciler.adopt(controller.liveUids(), ending.signal))) return;
    controller.start(ending.signal);
    adopted = true;
    await reconciler.start(ending.signal);
  };

  return {
    leases: gateLeases(controller, () =>
      adopted ? undefined : `not ready yet: ${hindrances().join('; ')}`,
    ),
    hindrances,
    begin: () => {
      // the pools are followed even while the engine is waited for: what is shown must be what was asked for
      const followed = pools.watch(() => undefined, ending.signal);
      worked = Promise.all([followed, work()]);
    },
    refuse: () => {
      refusing = true;
      controller.stop();
    },
    end: async () => {
      ending.abort();
      await worked;
    },
  };
};
