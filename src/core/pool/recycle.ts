import { createHash } from 'node:crypto';
import type { Sandbox } from './sandbox.js';

/** When the sandboxes of a pool are to be replaced. */
export interface RecyclePolicy {
  /** Hash of the current template. */
  readonly templateHash: string;
  readonly maxAgeSeconds: number;
  readonly maxLeases: number;
}

/** Sandboxes made together go up to a tenth of their age apart, so that not all are replaced at once. */
const JITTER = 0.1;

/** A number in [0, 1) that is always the same for the same uid. */
const fractionOf = (uid: string): number =>
  createHash('sha256').update(uid).digest().readUInt32BE(0) / 2 ** 32;

/** Milliseconds since 1970 at which a sandbox is too old: its maximum age, less up to 10 % that its uid decides. */
export const tooOldAt = (
  sandbox: Pick<Sandbox, 'uid' | 'name' | 'createdAt'>,
  maxAgeSeconds: number,
): number =>
  Math.round(
    sandbox.createdAt +
      maxAgeSeconds * 1000 * (1 - JITTER * fractionOf(sandbox.uid ?? sandbox.name)),
  );

/** Why a sandbox is to be replaced now, the most pressing reason first; undefined while it is good. */
export const dueReason = (
  sandbox: Sandbox,
  policy: RecyclePolicy,
  now: number,
): 'TemplateChanged' | 'MaxLeases' | 'MaxAge' | undefined => {
  if (sandbox.templateHash !== policy.templateHash) return 'TemplateChanged';
  if (sandbox.leases >= policy.maxLeases) return 'MaxLeases';
  if (now >= tooOldAt(sandbox, policy.maxAgeSeconds)) return 'MaxAge';
  return undefined;
};
