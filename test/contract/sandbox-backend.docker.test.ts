import { randomUUID } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import type { Container, PodTemplate } from '../../src/api/pod-template.js';
import { createDockerBackend } from '../../src/backends/docker/docker-backend.js';
import { dockerEndpoint } from '../../src/backends/docker/endpoint.js';
import { readConfig } from '../../src/config.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { docker, removeInstallation } from '../support/docker.js';
import { silentLogger } from '../support/silent-logger.js';
import { sandboxBackendContract } from './sandbox-backend.contract.js';

const template = (container: Partial<Container> = {}): PodTemplate => ({
  spec: {
    containers: [{ name: 'sandbox', image: 'warmpool.local/busybox:1', ...container }],
  },
});

const capabilities = {
  failing: {
    missingImage: template({ image: 'warmpool.local/no-such-image:1', imagePullPolicy: 'Never' }),
    badCommand: template({ command: ['/no/such/command'] }),
  },
  users: true,
  terminals: true,
};

sandboxBackendContract('docker', capabilities, async () => {
  const installation = `contract-${randomUUID()}`;
  const config = readConfig();
  if (E.isLeft(config)) throw new Error(config.left.message);
  const endpoint = dockerEndpoint(config.right.docker);
  if (E.isLeft(endpoint)) throw new Error(endpoint.left.message);
  return {
    backend: createDockerBackend({
      endpoint: endpoint.right,
      installation,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    }),
    template: template(),
    unknownUid: 'f'.repeat(64),
    vanish: async (uid) => {
      await docker.getContainer(uid).remove({ force: true });
    },
    kill: async (uid) => {
      const container = docker.getContainer(uid);
      const ended = container.wait();
      await container.kill();
      await ended;
    },
    close: () => removeInstallation(installation),
  };
});
