import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import {
  type CreationProblem,
  type CreationState,
  creationFailed,
  creationSucceeded,
  forgetOldStops,
  newCreationState,
  sandboxStopped,
} from '../core/pool/creation-backoff.js';
import type { Clock } from '../ports/clock.js';

/** A pool's template, by its hash: what is said of an older one does not count. */
export interface TemplateOf {
  readonly pool: PoolKey;
  readonly templateHash: string;
}

/** How creations go, pool by pool. */
export interface CreationRecords {
  /** The record of the pool's current template: a new one if the template has changed. */
  readonly of: (template: TemplateOf) => CreationState;
  readonly succeeded: (template: TemplateOf) => void;
  readonly failed: (template: TemplateOf, problem: CreationProblem) => void;
  readonly stopped: (
    template: TemplateOf,
    stop: { readonly message: string; readonly ageMs: number },
  ) => void;
  readonly forget: (pool: PoolKey) => void;
}

export const createCreationRecords = (clock: Clock): CreationRecords => {
  const states = new Map<string, CreationState>();
  const change = (
    { pool, templateHash }: TemplateOf,
    next: (state: CreationState) => CreationState,
  ): void => {
    const text = poolKeyText(pool);
    const state = states.get(text);
    if (state?.templateHash === templateHash) states.set(text, next(state));
  };
  return {
    of: ({ pool, templateHash }) => {
      const text = poolKeyText(pool);
      const found = states.get(text);
      const state =
        found?.templateHash === templateHash
          ? forgetOldStops(found, clock.now())
          : newCreationState(templateHash);
      states.set(text, state);
      return state;
    },
    succeeded: (template) => change(template, creationSucceeded),
    failed: (template, problem) =>
      change(template, (state) => creationFailed(state, problem, clock.now())),
    stopped: (template, stop) =>
      change(template, (state) => sandboxStopped(state, stop, clock.now())),
    forget: (pool) => void states.delete(poolKeyText(pool)),
  };
};
