import { list } from './schema/list.js';
import { object, optional, required } from './schema/object.js';
import { flag, integer, oneOf, text } from './schema/scalars.js';

/** Linux user and group ids are 31 bits wide where Kubernetes takes them. */
const id = (description: string) => integer({ description, min: 0, max: 2 ** 31 - 1 });

const capabilities = (description: string) =>
  list(
    text({
      description: 'A capability without the prefix CAP_, or ALL.',
      minLength: 1,
      maxLength: 64,
      pattern: '^[A-Z0-9_]+$',
      means: 'the name of a capability in capitals, such as NET_BIND_SERVICE',
    }),
    { description, maxItems: 64 },
  );

const seccompProfile = object(
  {
    type: required(
      oneOf(['RuntimeDefault', 'Unconfined', 'Localhost'], { description: 'Which profile.' }),
    ),
    localhostProfile: optional(
      text({ description: 'The profile file on the node, for Localhost.', maxLength: 4096 }),
    ),
  },
  { description: 'The filter of system calls; RuntimeDefault when absent.', open: true },
);

const whoRuns = {
  runAsUser: optional(id('User id of the processes; the user of the image when absent.')),
  runAsGroup: optional(id('Group id of the processes; the group of the image when absent.')),
  runAsNonRoot: optional(flag({ description: 'Refuse to start as user 0.' })),
  seccompProfile: optional(seccompProfile),
};

/** Security settings of one container; they win over those of the pod. */
export const containerSecurityContext = object(
  {
    ...whoRuns,
    privileged: optional(flag({ description: 'All rights of the host. Never safe.' })),
    allowPrivilegeEscalation: optional(
      flag({ description: 'Whether setuid programs gain rights; false when absent.' }),
    ),
    readOnlyRootFilesystem: optional(
      flag({ description: 'Whether the root file system refuses writing.' }),
    ),
    capabilities: optional(
      object(
        {
          add: optional(capabilities('Capabilities to give.')),
          drop: optional(capabilities('Capabilities to take; ALL when absent.')),
        },
        { description: 'Capabilities of the processes; none when absent.', open: true },
      ),
    ),
  },
  { description: 'Security settings of the container.', open: true },
);

/** Security settings of the whole pod. */
export const podSecurityContext = object(
  {
    ...whoRuns,
    fsGroup: optional(id('Group that owns the volumes.')),
    supplementalGroups: optional(
      list(id('A group id.'), { description: 'More groups of the processes.', maxItems: 64 }),
    ),
  },
  { description: 'Security settings of all containers.', open: true },
);
