import type * as t from 'io-ts';
import { Condition } from './conditions.js';
import { timestamp } from './names.js';
import { list } from './schema/list.js';
import { object, optional, required } from './schema/object.js';
import { integer, text } from './schema/scalars.js';

const count = (description: string) => integer({ description, min: 0, max: 2 ** 31 - 1 });

/** How a pool is doing, as the operator last saw it. */
export const SandboxPoolStatus = object(
  {
    replicas: required(count('All sandboxes of the pool, leased ones included.')),
    readyReplicas: required(count('Sandboxes that are warm and not leased.')),
    leasedReplicas: required(count('Sandboxes that a thread holds.')),
    updatedReplicas: required(count('Sandboxes made from the current template.')),
    observedGeneration: required(
      integer({
        description: 'The generation of the spec that this status speaks of.',
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
      }),
    ),
    templateHash: required(text({ description: 'Names the current template.', maxLength: 64 })),
    selector: required(
      text({ description: 'Label selector of the sandboxes, for autoscalers.', maxLength: 1024 }),
    ),
    nextRecycleTime: optional(timestamp('When the next sandbox grows too old.')),
    conditions: required(
      list(Condition, { description: 'Aspects of the state.', maxItems: 16, key: 'type' }),
    ),
  },
  { description: 'How the pool is doing; written by the operator.' },
);
export type SandboxPoolStatus = t.TypeOf<typeof SandboxPoolStatus>;
