import type { Condition } from '../../api/sandbox-pool.js';

/** A condition before it is compared with what was said last. */
export interface Finding {
  readonly type: Condition['type'];
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** Messages come from engines, too: bounded well below what the API takes. */
const LONGEST_MESSAGE = 4096;

/** Findings as conditions: the time of a condition moves only when its status does. */
export const toConditions = (
  findings: readonly Finding[],
  before: readonly Condition[],
  of: { readonly generation: number; readonly now: number },
): Condition[] =>
  findings.map((finding) => {
    const last = before.find(({ type }) => type === finding.type);
    return {
      ...finding,
      message: finding.message.slice(0, LONGEST_MESSAGE),
      lastTransitionTime:
        last?.status === finding.status ? last.lastTransitionTime : new Date(of.now).toISOString(),
      observedGeneration: of.generation,
    };
  });
