import { randomUUID } from 'node:crypto';
import * as E from 'fp-ts/lib/Either.js';
import type { Container } from '../../src/api/pod-template.js';
import { createDockerBackend } from '../../src/backends/docker/docker-backend.js';
import { dockerEndpoint } from '../../src/backends/docker/endpoint.js';
import { readConfig } from '../../src/config.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { removeInstallation } from './docker.js';
import type { ExecWorld } from './exec-harness.js';
import { silentLogger } from './silent-logger.js';

const right = <A>(either: E.Either<{ readonly message: string }, A>): A => {
  if (E.isRight(either)) return either.right;
  throw new Error(either.left.message);
};

/** One container of an installation of its own, made by the backend as every sandbox is. */
export const createDockerWorld = async (
  container: Partial<Container>,
  annotations: Readonly<Record<string, string>> = {},
): Promise<ExecWorld> => {
  const installation = `exec-${randomUUID()}`;
  const backend = createDockerBackend({
    endpoint: right(dockerEndpoint(right(readConfig()).docker)),
    installation,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  });
  const created = await backend.create({
    name: `exec-${randomUUID().slice(0, 8)}`,
    pool: { namespace: 'default', name: 'exec' },
    template: {
      metadata: { annotations },
      spec: {
        containers: [{ name: 'sandbox', image: 'warmpool.local/busybox:1', ...container }],
      },
    },
    templateHash: '0123456789',
  })();
  const { uid } = right(created);
  return {
    backend,
    uid,
    workingDirectory: '/workspace',
    destroy: async () => {
      right(await backend.destroy(uid)());
    },
    close: () => removeInstallation(installation),
  };
};
