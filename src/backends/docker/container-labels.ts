import * as O from 'fp-ts/lib/Option.js';
import { LABELS } from '../../api/labels.js';
import type { PoolKey } from '../../api/pool-key.js';

type Labels = Readonly<Record<string, string>>;

/** Annotations of a template become labels with this in front: Docker has no annotations on containers. */
export const ANNOTATION_PREFIX = 'annotation.warmpool.dev/';

/** What the labels of a container of ours say. */
export interface Ownership {
  readonly name: string;
  readonly pool: PoolKey;
  readonly templateHash: string;
}

/** The labels that make a container ours. */
export const ownershipLabels = (installation: string, owned: Ownership): Labels => ({
  [LABELS.installation]: installation,
  [LABELS.namespace]: owned.pool.namespace,
  [LABELS.pool]: owned.pool.name,
  [LABELS.templateHash]: owned.templateHash,
  [LABELS.sandbox]: owned.name,
});

export const isOurs = (installation: string, labels: Labels): boolean =>
  labels[LABELS.installation] === installation;

/** None unless this installation made the container and the labels are whole. */
export const readOwnership = (installation: string, labels: Labels): O.Option<Ownership> => {
  const namespace = labels[LABELS.namespace];
  const pool = labels[LABELS.pool];
  const templateHash = labels[LABELS.templateHash];
  const name = labels[LABELS.sandbox];
  if (!isOurs(installation, labels)) return O.none;
  if (
    namespace === undefined ||
    pool === undefined ||
    templateHash === undefined ||
    name === undefined
  ) {
    return O.none;
  }
  return O.some({ name, pool: { namespace, name: pool }, templateHash });
};
