import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { contextEndpoint, currentContext } from './docker-context.js';
import { type DockerEndpoint, type EndpointProblem, parseEngineAddress } from './engine-address.js';

export { type DockerEndpoint, type EndpointProblem, endpointText } from './engine-address.js';

/** The variables of Docker's own tools that matter here. */
export interface DockerVariables {
  readonly DOCKER_HOST?: string;
  readonly DOCKER_CERT_PATH?: string;
  readonly DOCKER_TLS_VERIFY?: string;
  readonly DOCKER_CONTEXT?: string;
  readonly DOCKER_CONFIG?: string;
}

const DEFAULT_SOCKET = '/var/run/docker.sock';

/** Where an engine listens if nobody says otherwise: as root, or Docker Desktop for a user. */
const defaultEndpoint = (): DockerEndpoint => {
  const own = join(homedir(), '.docker', 'run', 'docker.sock');
  return {
    kind: 'unix',
    socketPath: !existsSync(DEFAULT_SOCKET) && existsSync(own) ? own : DEFAULT_SOCKET,
  };
};

/**
 * Finds the engine the way Docker's own command does: DOCKER_HOST, then DOCKER_CONTEXT, then the
 * current context of the configuration, then the usual socket.
 */
export const dockerEndpoint = (
  variables: DockerVariables,
): E.Either<EndpointProblem, DockerEndpoint> => {
  const config = variables.DOCKER_CONFIG ?? join(homedir(), '.docker');
  if (variables.DOCKER_HOST !== undefined && variables.DOCKER_HOST !== '') {
    const wantsTls =
      (variables.DOCKER_TLS_VERIFY ?? '') !== '' || (variables.DOCKER_CERT_PATH ?? '') !== '';
    return parseEngineAddress(
      variables.DOCKER_HOST,
      wantsTls ? variables.DOCKER_CERT_PATH || config : undefined,
    );
  }
  const context =
    (variables.DOCKER_CONTEXT ?? '') === ''
      ? currentContext(config)
      : E.right(variables.DOCKER_CONTEXT);
  if (E.isLeft(context)) return context;
  return context.right === undefined || context.right === 'default'
    ? E.right(defaultEndpoint())
    : contextEndpoint(config, context.right);
};
