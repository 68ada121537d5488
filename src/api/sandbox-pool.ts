import type * as t from 'io-ts';
import { label } from './names.js';
import { SandboxPoolSpec } from './sandbox-pool-spec.js';
import { SandboxPoolStatus } from './sandbox-pool-status.js';
import { map } from './schema/map.js';
import { object, optional, required, withDefault } from './schema/object.js';
import { anything, integer, oneOf, text } from './schema/scalars.js';

export { Condition } from './conditions.js';
export { SandboxPoolSpec } from './sandbox-pool-spec.js';
export { SandboxPoolStatus } from './sandbox-pool-status.js';

export const API_VERSION = 'warmpool.dev/v1alpha1';
export const SANDBOX_POOL_KIND = 'SandboxPool';

/** Written by an API server and of no use here; accepted, because exported manifests hold it. */
const byServer = (description: string) => optional(anything({ description }));

const words = (description: string) =>
  map(text({ description: 'A value.', maxLength: 65_536 }), { description, maxProperties: 256 });

const metadata = object(
  {
    name: required(label('Name of the pool, unique in its namespace.')),
    namespace: withDefault(label('Namespace of the pool.'), 'default'),
    labels: optional(words('Labels of the pool itself.')),
    annotations: optional(words('Annotations of the pool itself.')),
    generation: optional(
      integer({
        description: 'Rises when the spec changes.',
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
      }),
    ),
    uid: optional(text({ description: 'Identity of the pool.', maxLength: 128 })),
    resourceVersion: byServer('Version of the stored object.'),
    creationTimestamp: byServer('When the pool was made.'),
    deletionTimestamp: byServer('When the pool is to go.'),
    deletionGracePeriodSeconds: byServer('Grace of the deletion.'),
    finalizers: byServer('What must happen before the pool goes.'),
    ownerReferences: byServer('Objects that the pool goes with.'),
    managedFields: byServer('Who wrote what.'),
    selfLink: byServer('Where the object is.'),
  },
  { description: 'Name and namespace of the pool.' },
);

/** A pool of warm sandboxes: what users write. Decoded, all defaults are filled in. */
export const SandboxPool = object(
  {
    apiVersion: required(oneOf([API_VERSION], { description: 'Version of this format.' })),
    kind: required(oneOf([SANDBOX_POOL_KIND], { description: 'What this is.' })),
    metadata: required(metadata),
    spec: required(SandboxPoolSpec),
    status: optional(SandboxPoolStatus),
  },
  {
    description: 'A pool of sandboxes that are kept warm for threads to lease.',
  },
);
export type SandboxPool = t.TypeOf<typeof SandboxPool>;
