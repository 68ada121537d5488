import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DockerEndpoint } from '../../../../src/backends/docker/endpoint.js';

/** An engine that answers what a test wants, on a socket of its own. */
export const stubEngine = async (
  answer: RequestListener,
): Promise<{ readonly endpoint: DockerEndpoint; readonly close: () => Promise<void> }> => {
  const directory = await mkdtemp(join(tmpdir(), 'stub-engine-'));
  const socketPath = join(directory, 'docker.sock');
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    endpoint: { kind: 'unix', socketPath },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
};
