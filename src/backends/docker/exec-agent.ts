import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { type OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { DockerEndpoint } from './endpoint.js';
import { ExecConnection } from './exec-connection.js';

const asSocket = (made: Duplex | null | undefined): Socket => {
  if (made instanceof Socket) return made;
  throw new Error('an agent of Node made no socket');
};

class ExecHttpAgent extends HttpAgent {
  override createConnection(options: ClientRequestArgs): Duplex {
    return new ExecConnection((onread: OnReadOpts) => {
      const reading = { ...options, onread };
      return asSocket(super.createConnection(reading));
    });
  }
}

class ExecHttpsAgent extends HttpsAgent {
  override createConnection(options: RequestOptions): Duplex {
    return new ExecConnection((onread: OnReadOpts) => {
      const reading = { ...options, onread };
      return asSocket(super.createConnection(reading));
    });
  }
}

/** Makes the connections that execs take over. None is kept for another request. */
export const execAgent = (kind: DockerEndpoint['kind']): HttpAgent =>
  kind === 'tls' ? new ExecHttpsAgent() : new ExecHttpAgent();
