import { randomUUID } from 'node:crypto';
import type { Container, PodTemplate } from '../../../../src/api/pod-template.js';
import { createDockerBackend } from '../../../../src/backends/docker/docker-backend.js';
import type { DockerEndpoint } from '../../../../src/backends/docker/endpoint.js';
import { systemClock } from '../../../../src/runtime/system-clock.js';
import { systemRandom } from '../../../../src/runtime/system-random.js';
import { docker, removeInstallation } from '../../../support/docker.js';
import { silentLogger } from '../../../support/silent-logger.js';

export const LOCAL: DockerEndpoint = { kind: 'unix', socketPath: '/var/run/docker.sock' };

/** A template with one container of the small image. */
export const template = (
  container: Partial<Container> = {},
  spec: Partial<PodTemplate['spec']> = {},
): PodTemplate => ({
  spec: {
    containers: [{ name: 'sandbox', image: 'warmpool.local/busybox:1', ...container }],
    ...spec,
  },
});

/** A backend on the real engine, with an installation of its own. */
export const dockerWorld = (endpoint: DockerEndpoint = LOCAL) => {
  const installation = `unit-${randomUUID()}`;
  const strangers: string[] = [];
  return {
    installation,
    backend: createDockerBackend({
      endpoint,
      installation,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    }),
    /** Starts a container that is not ours. */
    stranger: async (name: string, labels: Record<string, string> = {}): Promise<string> => {
      const container = await docker.createContainer({
        name,
        Image: 'warmpool.local/busybox:1',
        Cmd: ['sleep', '600'],
        Labels: labels,
        HostConfig: { NetworkMode: 'none' },
      });
      strangers.push(container.id);
      await container.start();
      return container.id;
    },
    close: async (): Promise<void> => {
      for (const id of strangers) await docker.getContainer(id).remove({ force: true });
      await removeInstallation(installation);
    },
  };
};
