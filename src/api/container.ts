import type * as t from 'io-ts';
import { absolutePath, label, quantity } from './names.js';
import { list } from './schema/list.js';
import { map } from './schema/map.js';
import { object, optional, required } from './schema/object.js';
import { anything, flag, oneOf, text } from './schema/scalars.js';
import { containerSecurityContext } from './security-context.js';

/** One argument may take 128 KiB on Linux; a template has no use for more than a quarter of it. */
const MAX_ARGUMENT = 32_768;

const words = (description: string) =>
  list(text({ description: 'One word; never seen by a shell.', maxLength: MAX_ARGUMENT }), {
    description,
    maxItems: 256,
  });

const envVar = object(
  {
    name: required(
      text({
        description: 'Name of the variable.',
        minLength: 1,
        maxLength: 256,
        pattern: '^[^=\\x00]+$',
        means: 'text without "="',
      }),
    ),
    value: optional(
      text({ description: 'Its value; empty when absent.', maxLength: MAX_ARGUMENT }),
    ),
    valueFrom: optional(anything({ description: 'Where the value comes from, in a cluster.' })),
  },
  { description: 'One environment variable.', open: true },
);

const resources = object(
  {
    limits: optional(
      map(quantity('An amount.'), {
        description: 'What the container may use at most: cpu, memory, ephemeral-storage.',
        maxProperties: 32,
      }),
    ),
    requests: optional(
      map(quantity('An amount.'), {
        description: 'What the container is promised.',
        maxProperties: 32,
      }),
    ),
  },
  { description: 'What the container may use.', open: true },
);

const volumeMount = object(
  {
    name: required(label('Name of the volume.')),
    mountPath: required(absolutePath('Where the volume appears in the container.')),
    readOnly: optional(flag({ description: 'Whether writing to it is refused.' })),
    subPath: optional(
      text({ description: 'A path inside the volume to mount instead of all.', maxLength: 4096 }),
    ),
  },
  { description: 'A volume in the file system of the container.', open: true },
);

/** One container of a pod template: typed where a backend maps it, everything else kept as it came. */
export const Container = object(
  {
    name: required(label('Name of the container.')),
    image: required(
      text({
        description: 'The image to run, with its tag or digest.',
        minLength: 1,
        maxLength: 1024,
        pattern: '^\\S+$',
        means: 'an image name without blanks',
      }),
    ),
    imagePullPolicy: optional(
      oneOf(['Always', 'IfNotPresent', 'Never'], {
        description: 'When to pull: Always for the tag latest, otherwise IfNotPresent, if absent.',
      }),
    ),
    command: optional(words('Replaces the entrypoint of the image.')),
    args: optional(words('Replaces the arguments of the image.')),
    workingDir: optional(absolutePath('Working directory of the first process.')),
    env: optional(list(envVar, { description: 'Environment variables.', maxItems: 512 })),
    resources: optional(resources),
    securityContext: optional(containerSecurityContext),
    volumeMounts: optional(
      list(volumeMount, { description: 'Volumes of the pod to mount.', maxItems: 64 }),
    ),
  },
  { description: 'A container of the sandbox.', open: true },
);
export type Container = t.TypeOf<typeof Container>;
