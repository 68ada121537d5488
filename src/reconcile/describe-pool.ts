import { LABELS } from '../api/labels.js';
import type { PodTemplate } from '../api/pod-template.js';
import { type PoolKey } from '../api/pool-key.js';
import { ceilingOf } from '../core/pool/ceiling.js';
import type { PlanSpec } from '../core/pool/plan-types.js';
import { templateHash } from '../core/pool/template-hash.js';
import type { WarmSpec } from '../exec/sandbox-exec.js';
import type { StoredPool } from '../ports/pool-store.js';

/** Templates are hashed once, not in every pass. */
const hashes = new WeakMap<PodTemplate, string>();

const hashOf = (template: PodTemplate): string => {
  const known = hashes.get(template);
  if (known !== undefined) return known;
  const hash = templateHash(template);
  hashes.set(template, hash);
  return hash;
};

/** What the planner asks about a pool. */
export const planSpecOf = ({ pool: { spec } }: StoredPool): PlanSpec => ({
  templateHash: hashOf(spec.template),
  replicas: spec.replicas,
  ceiling: ceilingOf(spec),
  maxUnavailable: spec.updateStrategy.maxUnavailable,
  maxAgeSeconds: spec.recycle.maxAgeSeconds,
  maxLeases: spec.recycle.maxLeases,
});

/** What the pool's sandboxes need for running commands. */
export const warmSpecOf = ({ pool: { spec } }: StoredPool): WarmSpec => ({
  residentShells: spec.exec.residentShells,
  workingDirectory: spec.exec.workingDirectory,
});

/** Selects the sandboxes of a pool by their labels. */
export const selectorOf = (pool: PoolKey): string =>
  `${LABELS.namespace}=${pool.namespace},${LABELS.pool}=${pool.name}`;
