import type * as t from 'io-ts';
import { timestamp } from './names.js';
import { object, optional, required } from './schema/object.js';
import { integer, oneOf, text } from './schema/scalars.js';

/**
 * Ready: the pool is as its manifest wants it, as far as leases let it be, and a new thread gets a
 * sandbox at once. Progressing: sandboxes are coming or leaving. Degraded: sandboxes cannot be made.
 */
export const CONDITION_TYPES = ['Ready', 'Progressing', 'Degraded'] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

/** Why a condition is as it is, for machines. */
export const CONDITION_REASONS = {
  /** Ready: as many sandboxes are warm as the pool wants. */
  enoughReady: 'EnoughReady',
  /** Not Ready: fewer sandboxes are warm than the pool wants. */
  tooFewReady: 'TooFewReady',
  /** Ready as far as can be: fewer are warm than the pool wants, as leases take up the rest of what it may have. */
  atCapacity: 'AtCapacity',
  /** Not Ready: leases take up all that the pool may have, so that the next thread must wait. */
  exhausted: 'Exhausted',
  /** Progressing: sandboxes are being made or removed. */
  scaling: 'Scaling',
  /** Progressing: sandboxes of an older template are being replaced. */
  rollingOut: 'RollingOut',
  /** Progressing: the pool is going away. */
  draining: 'Draining',
  /** Not Progressing: nothing is left to do. */
  stable: 'Stable',
  /** Degraded: sandboxes cannot be made. */
  createFailed: 'CreateFailed',
  /** Degraded: the image is not there and cannot be pulled. */
  imageMissing: 'ImageMissing',
  /** Degraded: sandboxes start, but do not become warm. */
  warmupFailed: 'WarmupFailed',
  /** Degraded: the backend cannot honour a field of the template. */
  templateRefused: 'TemplateRefused',
  /** Degraded: the engine does not answer. */
  backendUnavailable: 'BackendUnavailable',
  /** Not Degraded. */
  healthy: 'Healthy',
} as const;

/** One aspect of how a pool is doing. */
export const Condition = object(
  {
    type: required(oneOf(CONDITION_TYPES, { description: 'Which aspect.' })),
    status: required(oneOf(['True', 'False', 'Unknown'], { description: 'Whether it holds.' })),
    reason: required(
      text({
        description: 'Why, in one word for machines.',
        minLength: 1,
        maxLength: 1024,
        pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
        means: 'one word in CamelCase',
      }),
    ),
    message: required(text({ description: 'Why, for people.', maxLength: 32_768 })),
    lastTransitionTime: required(timestamp('When status last changed.')),
    observedGeneration: optional(
      integer({
        description: 'The generation that this was said of.',
        min: 0,
        max: Number.MAX_SAFE_INTEGER,
      }),
    ),
  },
  { description: 'One aspect of how the pool is doing.' },
);
export type Condition = t.TypeOf<typeof Condition>;
