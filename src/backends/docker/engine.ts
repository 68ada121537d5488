import type { Agent } from 'node:http';
import Docker from 'dockerode';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type * as t from 'io-ts';
import { assertNever } from '../../core/assert-never.js';
import type { Clock, Timer } from '../../ports/clock.js';
import type { BackendRefused } from '../../ports/sandbox-backend.js';
import { type DockerEndpoint, endpointText } from './endpoint.js';
import { type EngineProblem, toEngineProblem } from './errors.js';
import { execAgent } from './exec-agent.js';

type Call = <A>(
  ms: number,
  work: (docker: Docker, signal: AbortSignal) => Promise<A>,
) => TaskEither<EngineProblem, A>;

/** One Docker engine, and the only way to call it. */
export interface Engine {
  /** The endpoint, for messages. */
  readonly where: string;
  /**
   * Does one call and settles within `ms` milliseconds whatever the engine does. For calls that answer
   * with a stream the time ends when the stream is there.
   */
  readonly call: Call;
  /** The same for a call that becomes the stream of an exec: see exec-connection.ts. */
  readonly open: Call;
}

const connect = (endpoint: DockerEndpoint, agent?: Agent): Docker => {
  // Every option that dockerode would otherwise take from the environment is given here: an undefined one counts as given.
  const nothing = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
    username: undefined,
    agent,
  };
  switch (endpoint.kind) {
    case 'unix':
      return new Docker({ ...nothing, protocol: 'http', socketPath: endpoint.socketPath });
    case 'tcp':
      return new Docker({
        ...nothing,
        protocol: 'http',
        host: endpoint.host,
        port: endpoint.port,
      });
    case 'tls': {
      const { host, port, ca, cert, key } = endpoint;
      return new Docker({ ...nothing, protocol: 'https', host, port, ca, cert, key });
    }
    default:
      return assertNever(endpoint);
  }
};

/** Makes no connection yet. */
export const createEngine = (options: {
  readonly endpoint: DockerEndpoint;
  readonly clock: Clock;
}): Engine => {
  const { endpoint } = options;
  const where = endpointText(endpoint);
  const calls =
    (docker: Docker): Call =>
    (ms, work) =>
    async () => {
      const controller = new AbortController();
      let timer: Timer | undefined;
      let timedOut = false;
      // Aborting alone is not enough: some calls of dockerode never hear of it, others only before the first byte.
      const late = new Promise<E.Either<EngineProblem, never>>((resolve) => {
        timer = options.clock.setTimer(ms, () => {
          timedOut = true;
          controller.abort();
          const message = `the Docker engine at ${where} did not answer within ${ms / 1000} s`;
          resolve(E.left({ type: 'Unreachable', message }));
        });
      });
      const done = work(docker, controller.signal).then(E.right, (cause: unknown) =>
        // Whatever an aborted call rejects with, `late` has said it.
        timedOut ? late : E.left(toEngineProblem(cause, where)),
      );
      try {
        return await Promise.race([done, late]);
      } finally {
        timer?.cancel();
      }
    };
  return {
    where,
    call: calls(connect(endpoint)),
    open: calls(connect(endpoint, execAgent(endpoint.kind))),
  };
};

/** Decodes an answer of the engine; one that is not as documented is a refusal, never a guess. */
export const decodeAnswer = <A>(
  codec: t.Decoder<unknown, A>,
  what: string,
  answer: unknown,
): E.Either<BackendRefused, A> => {
  const decoded = codec.decode(answer);
  return E.isRight(decoded)
    ? decoded
    : E.left({
        type: 'BackendRefused',
        message: `the Docker engine answered ${what} in a form that this program does not know`,
      });
};
