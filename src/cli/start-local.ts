import * as E from 'fp-ts/lib/Either.js';
import type { App, StartProblem } from '../app.js';
import type { Config } from '../config.js';
import { systemClock } from '../runtime/system-clock.js';
import { systemRandom } from '../runtime/system-random.js';
import type { DockerProblem, UpOptions } from './up.js';

/**
 * Starts the operator for `warmpool up`. Its modules are loaded here and not at the top, because they
 * would cost every `warmpool exec` some hundred milliseconds.
 */
export const startLocal = async (
  config: Config,
  version: string,
  options: UpOptions,
): Promise<E.Either<StartProblem | DockerProblem, App>> => {
  const [{ startApp }, { dockerEndpoint }, { createLogger }] = await Promise.all([
    import('../app.js'),
    import('../backends/docker/endpoint.js'),
    import('../telemetry/create-logger.js'),
  ]);
  const docker = dockerEndpoint(config.docker);
  if (E.isLeft(docker)) return docker;
  const logger = createLogger({
    level: options.logLevel,
    ...(config.logFormat === undefined ? {} : { format: config.logFormat }),
    colours: config.colours,
    destination: process.stderr,
  });
  return startApp({
    manifests: options.manifests,
    stateDirectory: options.stateDirectory,
    listen: options.listen,
    ...(options.token === undefined ? {} : { token: options.token }),
    docker: docker.right,
    clock: systemClock,
    random: systemRandom,
    logger,
    version,
  })();
};
