import type { FastifyInstance } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import { createApp } from './create-app.js';
import type { GatewayDeps } from './gateway-deps.js';
import { type GatewayAddress, type ListenProblem, listen, listenProblem } from './listen.js';
import { isLoopbackHost } from './loopback.js';
import { requestsUnderWay } from './requests-under-way.js';

export type { GatewayDeps, Readiness } from './gateway-deps.js';
export type { GatewayAddress, ListenProblem } from './listen.js';

/** The HTTP interface of the operator. */
export interface Gateway {
  /** Right is the URL for clients. Beyond this machine it listens only with a token. */
  readonly listen: (address: GatewayAddress) => Promise<E.Either<ListenProblem, string>>;
  /**
   * Takes no new requests, lets those under way finish for `graceMs` milliseconds, then closes their
   * connections, which cancels their commands. Idempotent; resolves once nothing is open.
   */
  readonly close: (graceMs: number) => Promise<void>;
  /** For tests that need no connection. */
  readonly app: FastifyInstance;
}

/** Resolves with the promise, or after `ms` milliseconds. */
const within = (clock: Clock, ms: number, promise: Promise<void>): Promise<void> =>
  new Promise((resolve) => {
    const timer = clock.setTimer(ms, resolve);
    void promise.then(() => {
      timer.cancel();
      resolve();
    });
  });

const withoutToken = (host: string): ListenProblem =>
  listenProblem(
    `${host} can be reached from other machines, whose users could run commands here: set WARMPOOL_TOKEN, or listen on 127.0.0.1`,
  );

export const createGateway = async (deps: GatewayDeps): Promise<Gateway> => {
  let address: GatewayAddress | undefined;
  let closed: Promise<void> | undefined;
  const underWay = requestsUnderWay();
  const app = createApp({
    deps,
    underWay,
    state: () => ({
      closing: closed !== undefined,
      listenHost: address !== undefined && 'host' in address ? address.host : undefined,
      unixSocket: address !== undefined && 'path' in address,
    }),
    readiness: () =>
      closed === undefined ? deps.readiness() : { ready: false, reasons: ['shutting down'] },
  });
  await app.ready();

  const close = async (graceMs: number): Promise<void> => {
    const appClosed = app.close(); // stops listening and closes idle connections
    await within(deps.clock, graceMs, underWay.none());
    app.server.closeAllConnections();
    await appClosed;
  };

  return {
    app,
    listen: async (wanted) => {
      if ('host' in wanted && deps.token === undefined && !isLoopbackHost(wanted.host)) {
        return E.left(withoutToken(wanted.host));
      }
      address = wanted;
      return listen(app, wanted);
    },
    close: (graceMs) => {
      closed ??= close(graceMs);
      return closed;
    },
  };
};
