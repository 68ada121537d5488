import type { RecyclePolicy } from './recycle.js';
import type { Phase, RecycleReason, Sandbox } from './sandbox.js';

/** What a pool is to be, as far as its planner asks. */
export interface PlanSpec extends RecyclePolicy {
  readonly replicas: number;
  /** The most sandboxes of any phase. */
  readonly ceiling: number;
  readonly maxUnavailable: number | string;
}

export interface PlanInput {
  /** Absent when the pool is deleted: all that nobody holds must go. */
  readonly spec?: PlanSpec;
  /** All sandboxes of the pool, whatever their phase, in any order. */
  readonly sandboxes: readonly Sandbox[];
  /** Callers that wait for a sandbox: each wants one more. */
  readonly waiting: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly creation: {
    /** How many creations the template's record allows to begin now. */
    readonly allowed: number;
    /** Whether creations fail at present: nothing that works is given up for a replacement then. */
    readonly failing: boolean;
    /** When more may be allowed. */
    readonly retryAt?: number;
  };
  /** How many creations may begin now for the sake of the backend, which all pools share. */
  readonly slots: number;
}

export type PlanAction =
  | { readonly type: 'Create' }
  /** Reserve the sandbox for removal, if it still is in phase `from`. */
  | {
      readonly type: 'Retire';
      readonly uid: string;
      readonly from: Phase;
      readonly reason: RecycleReason;
      readonly detail?: string;
    };

export interface Plan {
  readonly actions: readonly PlanAction[];
  /** What limits held back, for people; absent when nothing was. */
  readonly partial?: string;
  /** Creations wanted that only lack a free slot: come again when one is free. */
  readonly waitsForSlot: boolean;
  /** When time alone changes the plan: milliseconds since 1970. */
  readonly wakeAt?: number;
}
