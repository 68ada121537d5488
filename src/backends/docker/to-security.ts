import type { HostConfig } from 'dockerode';
import type { FieldPath } from '../../api/field-problem.js';
import type { Container, PodTemplate } from '../../api/pod-template.js';
import { type Refuse, refuseOthers } from './refuse.js';

export interface Security {
  /** `uid` or `uid:gid`; absent for the user of the image. */
  readonly user?: string;
  /** The user of the image must not be root; known only once the image is there. */
  readonly imageUserMustNotBeRoot: boolean;
  readonly host: HostConfig;
}

const WHO_RUNS = ['runAsUser', 'runAsGroup', 'runAsNonRoot', 'seccompProfile'];

type PodSecurity = NonNullable<PodTemplate['spec']['securityContext']>;
type ContainerSecurity = NonNullable<Container['securityContext']>;

const toUser = (
  pod: PodSecurity,
  container: ContainerSecurity,
  path: FieldPath,
  refuse: Refuse,
): Omit<Security, 'host'> => {
  const uid = container.runAsUser ?? pod.runAsUser;
  const gid = container.runAsGroup ?? pod.runAsGroup;
  const nonRoot = container.runAsNonRoot ?? pod.runAsNonRoot ?? false;
  if (nonRoot && uid === 0) refuse([...path, 'runAsNonRoot'], 'contradicts a runAsUser of 0');
  if (uid === undefined) {
    if (gid !== undefined) refuse([...path, 'runAsGroup'], 'needs runAsUser as well on Docker');
    return { imageUserMustNotBeRoot: nonRoot };
  }
  return {
    user: gid === undefined ? `${uid}` : `${uid}:${gid}`,
    imageUserMustNotBeRoot: false,
  };
};

const securityOptions = (
  pod: PodSecurity,
  container: ContainerSecurity,
  escalates: boolean,
): readonly string[] => {
  const profile = container.seccompProfile ?? pod.seccompProfile;
  return [
    ...(escalates ? [] : ['no-new-privileges']),
    // RuntimeDefault is the engine's own profile, which needs no word.
    ...(profile?.type === 'Unconfined' ? ['seccomp=unconfined'] : []),
  ];
};

const refuseProfile = (
  profile: PodSecurity['seccompProfile'],
  path: FieldPath,
  refuse: Refuse,
): void => {
  if (profile === undefined) return;
  const at = [...path, 'seccompProfile'];
  refuseOthers(profile, { mapped: ['type'] }, at, refuse);
  if (profile.type === 'Localhost') {
    refuse([...at, 'type'], 'Localhost is not supported on Docker; use RuntimeDefault');
  }
};

/**
 * Nothing is granted unless the template says so: no capabilities, no way to gain rights, the engine's
 * own filter of system calls.
 */
export const toSecurity = (
  template: PodTemplate,
  container: Container,
  paths: { readonly pod: FieldPath; readonly container: FieldPath },
  refuse: Refuse,
): Security => {
  const pod = template.spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const podPath = [...paths.pod, 'securityContext'];
  const ownPath = [...paths.container, 'securityContext'];
  refuseOthers(pod, { mapped: [...WHO_RUNS, 'supplementalGroups'] }, podPath, refuse);
  const ofContainers = [
    'privileged',
    'allowPrivilegeEscalation',
    'readOnlyRootFilesystem',
    'capabilities',
  ];
  refuseOthers(own, { mapped: [...WHO_RUNS, ...ofContainers] }, ownPath, refuse);
  refuseProfile(pod.seccompProfile, podPath, refuse);
  refuseProfile(own.seccompProfile, ownPath, refuse);
  const { capabilities = {}, privileged = false } = own;
  refuseOthers(capabilities, { mapped: ['add', 'drop'] }, [...ownPath, 'capabilities'], refuse);
  if (privileged && own.allowPrivilegeEscalation === false) {
    refuse([...ownPath, 'allowPrivilegeEscalation'], 'contradicts privileged');
  }
  const escalates = own.allowPrivilegeEscalation ?? privileged;
  return {
    ...toUser(pod, own, own.runAsUser === undefined ? podPath : ownPath, refuse),
    host: {
      Privileged: privileged,
      CapAdd: [...(capabilities.add ?? [])],
      CapDrop: [...(capabilities.drop ?? (privileged ? [] : ['ALL']))],
      SecurityOpt: [...securityOptions(pod, own, escalates)],
      ReadonlyRootfs: own.readOnlyRootFilesystem ?? false,
      GroupAdd: (pod.supplementalGroups ?? []).map(String),
    },
  };
};
