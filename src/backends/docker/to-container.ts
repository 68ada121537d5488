import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import * as E from 'fp-ts/lib/Either.js';
import type { FieldPath } from '../../api/field-problem.js';
import { type Container, type PodTemplate, SANDBOX_CONTAINER } from '../../api/pod-template.js';
import type { TemplateProblem } from '../../ports/sandbox-backend.js';
import { ANNOTATION_PREFIX } from './container-labels.js';
import { isImageReference, type PullPolicy, pullPolicy } from './image-reference.js';
import { gatherProblems, type Refuse, refuseOthers } from './refuse.js';
import { toLimits } from './to-limits.js';
import { toMounts } from './to-mounts.js';
import { toNetwork } from './to-network.js';
import { toProcess } from './to-process.js';
import { toSecurity } from './to-security.js';

/** What a template comes to on Docker. */
export interface ContainerPlan {
  readonly image: string;
  readonly pullPolicy: PullPolicy;
  /** Everything but the name and the labels that make the container ours. */
  readonly settings: ContainerCreateOptions;
  readonly labels: Readonly<Record<string, string>>;
  readonly imageUserMustNotBeRoot: boolean;
  readonly openDirectories: readonly string[];
}

const SPEC: FieldPath = ['spec', 'template', 'spec'];
const METADATA: FieldPath = ['spec', 'template', 'metadata'];

/** Pod fields that ask for what Docker does anyway. */
const GRANTED_TO_PODS = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  hostIPC: false,
  hostNetwork: false,
  hostPID: false,
  setHostnameAsFQDN: false,
  shareProcessNamespace: false,
};

const POD_FIELDS = [
  'containers',
  'hostname',
  'restartPolicy',
  'runtimeClassName',
  'securityContext',
  'terminationGracePeriodSeconds',
  'volumes',
];

const CONTAINER_FIELDS = [
  'args',
  'command',
  'env',
  'image',
  'imagePullPolicy',
  'name',
  'resources',
  'securityContext',
  'volumeMounts',
  'workingDir',
];

const findContainer = (
  template: PodTemplate,
  refuse: Refuse,
): { readonly container: Container | undefined; readonly path: FieldPath } => {
  const { containers } = template.spec;
  const named = containers.findIndex(({ name }) => name === SANDBOX_CONTAINER);
  const chosen = Math.max(named, 0);
  containers.forEach((_, index) => {
    if (index !== chosen) {
      refuse(
        [...SPEC, 'containers', index],
        'is one too many: a sandbox on Docker is one container',
      );
    }
  });
  return { container: containers[chosen], path: [...SPEC, 'containers', chosen] };
};

const toLabels = (template: PodTemplate, refuse: Refuse): Readonly<Record<string, string>> => {
  const { labels, annotations, ...rest } = template.metadata ?? {};
  refuseOthers(rest, { mapped: [] }, METADATA, refuse);
  return {
    ...labels,
    ...Object.fromEntries(
      Object.entries(annotations ?? {}).map(([key, value]) => [ANNOTATION_PREFIX + key, value]),
    ),
  };
};

const checkPod = (template: PodTemplate, refuse: Refuse): void => {
  const { spec, metadata: _, ...rest } = template;
  refuseOthers(rest, { mapped: [] }, ['spec', 'template'], refuse);
  refuseOthers(spec, { mapped: POD_FIELDS, granted: GRANTED_TO_PODS }, SPEC, refuse);
  if (spec.restartPolicy !== undefined && spec.restartPolicy !== 'Never') {
    refuse(
      [...SPEC, 'restartPolicy'],
      'must be Never on Docker: a sandbox that stops is replaced, not restarted',
    );
  }
};

const checkContainer = (container: Container, path: FieldPath, refuse: Refuse): void => {
  const granted = { stdin: false, stdinOnce: false, tty: false };
  refuseOthers(container, { mapped: CONTAINER_FIELDS, granted }, path, refuse);
  if (!isImageReference(container.image)) {
    refuse([...path, 'image'], 'is no image name');
  }
};

const mapTemplate = (template: PodTemplate, refuse: Refuse): ContainerPlan | undefined => {
  checkPod(template, refuse);
  const { container, path } = findContainer(template, refuse);
  if (container === undefined) return undefined;
  checkContainer(container, path, refuse);
  const { hostname, runtimeClassName, terminationGracePeriodSeconds } = template.spec;
  const paths = { pod: SPEC, container: path };
  const limits = toLimits(container, path, refuse);
  const security = toSecurity(template, container, paths, refuse);
  const mounts = toMounts(template, container, limits.Memory ?? 0, paths, refuse);
  const host: HostConfig = {
    ...limits,
    ...security.host,
    ...mounts.host,
    ...toNetwork(template.metadata?.annotations ?? {}, [...METADATA, 'annotations'], refuse),
    Init: true,
    LogConfig: { Type: 'none', Config: {} },
    RestartPolicy: { Name: 'no' },
    ...(runtimeClassName === undefined ? {} : { Runtime: runtimeClassName }),
  };
  return {
    image: container.image,
    pullPolicy: pullPolicy(container.image, container.imagePullPolicy),
    labels: toLabels(template, refuse),
    imageUserMustNotBeRoot: security.imageUserMustNotBeRoot,
    openDirectories: mounts.openDirectories,
    settings: {
      Image: container.image,
      ...toProcess(container, path, refuse),
      ...(container.workingDir === undefined ? {} : { WorkingDir: container.workingDir }),
      ...(security.user === undefined ? {} : { User: security.user }),
      ...(hostname === undefined ? {} : { Hostname: hostname }),
      ...(terminationGracePeriodSeconds === undefined
        ? {}
        : { StopTimeout: terminationGracePeriodSeconds }),
      HostConfig: host,
    },
  };
};

/** Maps a template, or says of every field that Docker cannot honour why. */
export const toContainer = (
  template: PodTemplate,
): E.Either<readonly TemplateProblem[], ContainerPlan> => {
  const { refuse, problems } = gatherProblems();
  const plan = mapTemplate(template, refuse);
  return plan === undefined || problems.length > 0 ? E.left(problems) : E.right(plan);
};
