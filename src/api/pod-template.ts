import type * as t from 'io-ts';
import { Container } from './container.js';
import { isReservedKey, RESERVED_PREFIX } from './labels.js';
import { label, quantity, subdomain } from './names.js';
import { list } from './schema/list.js';
import { map } from './schema/map.js';
import { object, optional, required } from './schema/object.js';
import { integer, oneOf, text } from './schema/scalars.js';
import { podSecurityContext } from './security-context.js';

export { Container } from './container.js';

/** The container that runs commands, when there are several. */
export const SANDBOX_CONTAINER = 'sandbox';

const reservedRule = (field: 'labels' | 'annotations') => ({
  cel: `!has(self.${field}) || self.${field}.all(k, !k.startsWith('${RESERVED_PREFIX}'))`,
  message: `must not use keys that start with ${RESERVED_PREFIX}: they are the operator's own`,
  field,
  holds: (value: { readonly [K in typeof field]?: Readonly<Record<string, string>> }) =>
    !Object.keys(value[field] ?? {}).some(isReservedKey),
});

const templateMetadata = object(
  {
    labels: optional(
      map(
        text({
          description: 'A label value.',
          maxLength: 63,
          pattern: '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$',
          means: 'letters, digits, "-", "_" and ".", with a letter or digit at both ends',
        }),
        { description: 'Labels of every sandbox.', maxProperties: 64 },
      ),
    ),
    annotations: optional(
      map(text({ description: 'An annotation value.', maxLength: 65_536 }), {
        description: 'Annotations of every sandbox.',
        maxProperties: 64,
      }),
    ),
  },
  {
    description: 'Metadata of every sandbox.',
    open: true,
    rules: [reservedRule('labels'), reservedRule('annotations')],
  },
);

const emptyDir = object(
  {
    medium: optional(oneOf(['', 'Memory'], { description: 'Memory keeps it off the disk.' })),
    sizeLimit: optional(quantity('How much it may hold.')),
  },
  { description: 'A directory that is empty at first and goes with the sandbox.', open: true },
);

const volume = object(
  { name: required(label('Name of the volume.')), emptyDir: optional(emptyDir) },
  { description: 'A volume of the sandbox.', open: true },
);

const podSpec = object(
  {
    containers: required(
      list(Container, {
        description: `Containers; the one named "${SANDBOX_CONTAINER}", or the only one, runs commands.`,
        minItems: 1,
        maxItems: 16,
        key: 'name',
      }),
    ),
    volumes: optional(
      list(volume, { description: 'Volumes to mount.', maxItems: 64, key: 'name' }),
    ),
    securityContext: optional(podSecurityContext),
    hostname: optional(label('Host name inside the sandbox; its own name when absent.')),
    runtimeClassName: optional(
      subdomain('The runtime: a RuntimeClass in a cluster, a runtime of the engine on Docker.'),
    ),
    restartPolicy: optional(
      oneOf(['Always', 'OnFailure', 'Never'], {
        description:
          'Whether containers that stop start again in place. The operator replaces a sandbox that has stopped.',
      }),
    ),
    terminationGracePeriodSeconds: optional(
      integer({ description: 'Time between TERM and KILL.', min: 0, max: 3600 }),
    ),
  },
  {
    description: 'What each sandbox is made of: a pod spec.',
    open: true,
    rules: [
      {
        cel: `size(self.containers) == 1 || self.containers.exists(c, c.name == '${SANDBOX_CONTAINER}')`,
        message: `must hold exactly one container, or one named "${SANDBOX_CONTAINER}"`,
        field: 'containers',
        holds: ({ containers }) =>
          containers === undefined ||
          containers.length === 1 ||
          containers.some((each) => each.name === SANDBOX_CONTAINER),
      },
    ],
  },
);

/** What every sandbox of a pool is made from: typed where a backend maps it, everything else kept as it came. */
export const PodTemplate = object(
  { metadata: optional(templateMetadata), spec: required(podSpec) },
  { description: 'What every sandbox of the pool is made from: a pod template.', open: true },
);
export type PodTemplate = t.TypeOf<typeof PodTemplate>;
