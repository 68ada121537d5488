import type { HostConfig } from 'dockerode';
import type { FieldPath } from '../../api/field-problem.js';
import type { Refuse } from './refuse.js';

/** Annotations that start so are settings that Docker has and a pod template has no field for. */
export const DOCKER_PREFIX = 'docker.warmpool.dev/';
/** The Docker network of every sandbox; `none` when absent. */
export const NETWORK_ANNOTATION = `${DOCKER_PREFIX}network`;
/** The most processes and threads at a time; 256 when absent. */
export const PIDS_ANNOTATION = `${DOCKER_PREFIX}pids-limit`;

/** Enough for a parallel build, far too few for a fork bomb to hurt the machine. */
const DEFAULT_PIDS = 256;
const MOST_PIDS = 65_536;

/** What a template's annotations set: without them no network and 256 processes. */
export const toNetwork = (
  annotations: Readonly<Record<string, string>>,
  path: FieldPath,
  refuse: Refuse,
): HostConfig => {
  for (const key of Object.keys(annotations)) {
    if (key.startsWith(DOCKER_PREFIX) && key !== NETWORK_ANNOTATION && key !== PIDS_ANNOTATION) {
      refuse(
        [...path, key],
        `is not known; there are ${NETWORK_ANNOTATION} and ${PIDS_ANNOTATION}`,
      );
    }
  }
  const network = annotations[NETWORK_ANNOTATION] ?? 'none';
  if (network === 'host') {
    refuse(
      [...path, NETWORK_ANNOTATION],
      'must not be host: a sandbox does not share the network of its host',
    );
  } else if (!/^[A-Za-z0-9][\w.-]*$/.test(network)) {
    refuse([...path, NETWORK_ANNOTATION], 'must be the name of a Docker network');
  }
  const pids = Number(annotations[PIDS_ANNOTATION] ?? DEFAULT_PIDS);
  if (!Number.isInteger(pids) || pids < 1 || pids > MOST_PIDS) {
    refuse([...path, PIDS_ANNOTATION], `must be a whole number from 1 to ${MOST_PIDS}`);
  }
  return { NetworkMode: network, PidsLimit: pids };
};
