import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import {
  type DockerEndpoint,
  type EndpointProblem,
  endpointProblem,
  parseEngineAddress,
} from './engine-address.js';

const Config = t.partial({ currentContext: t.string });
const ContextMeta = t.type({
  Endpoints: t.type({
    docker: t.intersection([t.type({ Host: t.string }), t.partial({ SkipTLSVerify: t.boolean })]),
  }),
});

const readJson = <A>(path: string, codec: t.Decoder<unknown, A>): E.Either<EndpointProblem, A> => {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    return endpointProblem(`cannot read ${path}: ${E.toError(cause).message}`);
  }
  const decoded = codec.decode(content);
  return E.isRight(decoded)
    ? decoded
    : endpointProblem(`${path} is not written the way Docker writes it`);
};

/** The context that `docker context use` chose; undefined if none was ever chosen. */
export const currentContext = (
  configDirectory: string,
): E.Either<EndpointProblem, string | undefined> => {
  const path = join(configDirectory, 'config.json');
  if (!existsSync(path)) return E.right(undefined);
  const config = readJson(path, Config);
  if (E.isLeft(config)) return config;
  return E.right(config.right.currentContext === '' ? undefined : config.right.currentContext);
};

/** Docker keeps a context in a directory named after the SHA-256 of its name. */
export const contextEndpoint = (
  configDirectory: string,
  name: string,
): E.Either<EndpointProblem, DockerEndpoint> => {
  const directory = createHash('sha256').update(name).digest('hex');
  const path = join(configDirectory, 'contexts', 'meta', directory, 'meta.json');
  if (!existsSync(path)) return endpointProblem(`there is no Docker context "${name}" (${path})`);
  const meta = readJson(path, ContextMeta);
  if (E.isLeft(meta)) return meta;
  const { Host, SkipTLSVerify } = meta.right.Endpoints.docker;
  if (SkipTLSVerify === true) {
    return endpointProblem(
      `the Docker context "${name}" skips the check of the engine's certificate, which is not supported`,
    );
  }
  const tls = join(configDirectory, 'contexts', 'tls', directory, 'docker');
  return parseEngineAddress(Host, existsSync(tls) ? tls : undefined);
};
