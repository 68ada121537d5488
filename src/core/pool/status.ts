import type { SandboxPoolStatus } from '../../api/sandbox-pool.js';
import { bucketOf } from './classify.js';
import { type Finding, toConditions } from './conditions.js';
import type { PlanSpec } from './plan-types.js';
import { tooOldAt } from './recycle.js';
import type { Phase, Sandbox } from './sandbox.js';

/** Why a pool cannot do its work, for the Degraded condition. */
export interface PoolProblem {
  readonly reason: string;
  readonly message: string;
}

export interface StatusInput {
  readonly spec: PlanSpec;
  readonly generation: number;
  /** Label selector of the pool's sandboxes, for autoscalers. */
  readonly selector: string;
  readonly sandboxes: readonly Sandbox[];
  /** What the plan says that limits held back. */
  readonly partial?: string;
  /** What a creation under way is at, for people. */
  readonly progress?: string;
  readonly problem?: PoolProblem;
  readonly previous?: SandboxPoolStatus;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How many sandboxes are in each phase, all phases given. */
export const countPhases = (sandboxes: readonly Sandbox[]): Readonly<Record<Phase, number>> => {
  const sizes: Record<Phase, number> = {
    Creating: 0,
    Ready: 0,
    Leased: 0,
    Resetting: 0,
    Terminating: 0,
    Failed: 0,
    Quarantined: 0,
  };
  for (const { phase } of sandboxes) sizes[phase] += 1;
  return sizes;
};

const readiness = (spec: PlanSpec, ready: number, leased: number): Finding => {
  const counts = `${ready} of ${spec.replicas} sandboxes are ready, ${leased} leased`;
  const full = `${counts}: the pool has all the ${spec.ceiling} sandboxes that it may have`;
  // only leases stand between the pool and its replicas: nothing is under way that would bring more
  const atCapacity = leased > 0 && ready + leased >= spec.ceiling;
  if (atCapacity && ready === 0) {
    return { type: 'Ready', status: 'False', reason: 'Exhausted', message: full };
  }
  if (ready >= spec.replicas) {
    return { type: 'Ready', status: 'True', reason: 'EnoughReady', message: counts };
  }
  return atCapacity
    ? { type: 'Ready', status: 'True', reason: 'AtCapacity', message: full }
    : { type: 'Ready', status: 'False', reason: 'TooFewReady', message: counts };
};

const progressing = (
  input: StatusInput,
  outdated: number,
  moving: { readonly coming: number; readonly leaving: number },
): Finding => {
  const details = [input.progress, input.partial].filter((text) => text !== undefined).join('; ');
  const message = (text: string): string => (details === '' ? text : `${text}; ${details}`);
  if (outdated > 0) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'RollingOut',
      message: message(`${outdated} sandboxes are of an older template`),
    };
  }
  if (moving.coming + moving.leaving > 0) {
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'Scaling',
      message: message(`${moving.coming} sandboxes are coming, ${moving.leaving} are leaving`),
    };
  }
  return {
    type: 'Progressing',
    status: 'False',
    reason: 'Stable',
    message: message('nothing is under way'),
  };
};

const degraded = (problem: PoolProblem | undefined): Finding =>
  problem === undefined
    ? { type: 'Degraded', status: 'False', reason: 'Healthy', message: 'no problem is known' }
    : { type: 'Degraded', status: 'True', ...problem };

/** The status of a pool. Equal input and an equal previous status give an equal status. */
export const computeStatus = (input: StatusInput): SandboxPoolStatus => {
  const { spec, sandboxes, now } = input;
  const sizes = countPhases(sandboxes);
  const staying = sandboxes.filter(({ phase }) => phase !== 'Terminating' && phase !== 'Failed');
  const updated = staying.filter(({ templateHash }) => templateHash === spec.templateHash).length;
  const inBucket = (sandbox: Sandbox) => bucketOf(sandbox, spec, now);
  const ready = sandboxes.filter(
    (sandbox) => sandbox.phase === 'Ready' && inBucket(sandbox) !== 'wornOut',
  ).length;
  const ages = staying.map((sandbox) => tooOldAt(sandbox, spec.maxAgeSeconds));
  const findings = [
    readiness(spec, ready, sizes.Leased),
    progressing(input, staying.length - updated, {
      coming: sizes.Creating + sizes.Resetting,
      leaving: sizes.Terminating + sizes.Failed,
    }),
    degraded(input.problem),
  ];
  return {
    replicas: sandboxes.length,
    readyReplicas: ready,
    leasedReplicas: sizes.Leased,
    updatedReplicas: updated,
    observedGeneration: input.generation,
    templateHash: spec.templateHash,
    selector: input.selector,
    ...(ages.length === 0
      ? {}
      : { nextRecycleTime: new Date(ages.reduce((a, b) => Math.min(a, b))).toISOString() }),
    conditions: toConditions(findings, input.previous?.conditions ?? [], {
      generation: input.generation,
      now,
    }),
  };
};
