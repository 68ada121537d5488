import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';

/** Where the engine listens. Passed on in full, so that nothing below reads the environment again. */
export type DockerEndpoint =
  | { readonly kind: 'unix'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | ({ readonly kind: 'tls'; readonly host: string; readonly port: number } & TlsFiles);

/** PEM texts. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The environment, or Docker's own configuration, does not say where the engine is. */
export interface EndpointProblem {
  readonly type: 'EndpointProblem';
  readonly message: string;
}

/** Ports that the engine's documentation reserves for plain and for encrypted connections. */
const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

export const endpointProblem = (message: string): E.Either<EndpointProblem, never> =>
  E.left({ type: 'EndpointProblem', message });

const brackets = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The endpoint as people write it: `unix:///var/run/docker.sock`, `tcp://host:2375`. */
export const endpointText = (endpoint: DockerEndpoint): string =>
  endpoint.kind === 'unix'
    ? `unix://${endpoint.socketPath}`
    : `tcp://${brackets(endpoint.host)}:${endpoint.port}`;

/** Reads ca.pem, cert.pem and key.pem of a directory. */
export const readTlsFiles = (directory: string): E.Either<EndpointProblem, TlsFiles> =>
  E.tryCatch(
    () => {
      const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) =>
        readFileSync(join(directory, name), 'utf8'),
      );
      return { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
    },
    (cause) => ({
      type: 'EndpointProblem',
      message: `cannot read the certificates of the Docker engine: ${E.toError(cause).message}`,
    }),
  );

/** The port as written: URL leaves out 80 and 443, which are not what is meant by no port here. */
const writtenPort = (url: string): number | undefined => {
  const [, port] = /:(\d+)\/?$/.exec(url) ?? [];
  return port === undefined ? undefined : Number(port);
};

const tcpEndpoint = (
  url: URL,
  written: number | undefined,
  tlsDirectory: string | undefined,
): E.Either<EndpointProblem, DockerEndpoint> => {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = tlsDirectory !== undefined || url.protocol === 'https:';
  const port = written ?? (tls ? TLS_PORT : PLAIN_PORT);
  if (host === '') return endpointProblem(`the engine address ${url.href} names no host`);
  if (url.pathname !== '/' && url.pathname !== '') {
    return endpointProblem(`the engine address ${url.href} has a path, which is not supported`);
  }
  if (!tls) return E.right({ kind: 'tcp', host, port });
  if (tlsDirectory === undefined) {
    return endpointProblem(
      `the engine address ${url.href} wants TLS: set DOCKER_CERT_PATH to the directory of ca.pem, cert.pem and key.pem`,
    );
  }
  return E.map((files: TlsFiles): DockerEndpoint => ({ kind: 'tls', host, port, ...files }))(
    readTlsFiles(tlsDirectory),
  );
};

/**
 * An engine address (`unix:///path`, `tcp://host:port`, `host:port`). With a directory of
 * certificates a TCP address is spoken to in TLS, and the server's certificate is always verified.
 */
export const parseEngineAddress = (
  address: string,
  tlsDirectory?: string,
): E.Either<EndpointProblem, DockerEndpoint> => {
  const written = address.includes('://') ? address : `tcp://${address}`;
  const scheme = written.slice(0, written.indexOf('://'));
  if (scheme === 'unix') {
    const socketPath = written.slice('unix://'.length);
    return socketPath.startsWith('/')
      ? E.right({ kind: 'unix', socketPath })
      : endpointProblem(`the engine address ${address} must hold an absolute path to a socket`);
  }
  if (scheme === 'ssh') {
    return endpointProblem(
      `${address}: ssh is not supported; forward the engine's socket instead (ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST) and set DOCKER_HOST=unix:///tmp/docker.sock`,
    );
  }
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') {
    return endpointProblem(`${address}: engine addresses start with unix:// or tcp://`);
  }
  // URL parses the authority only of schemes that it knows to have one.
  const url = `${scheme === 'tcp' ? 'http' : scheme}${written.slice(scheme.length)}`;
  return URL.canParse(url)
    ? tcpEndpoint(new URL(url), writtenPort(url), tlsDirectory)
    : endpointProblem(`${address} is no engine address such as tcp://host:2375`);
};
