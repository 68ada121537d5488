import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { dockerEndpoint, endpointText } from '../../../../src/backends/docker/endpoint.js';

const message = (result: ReturnType<typeof dockerEndpoint>): string =>
  E.isLeft(result) ? result.left.message : 'no problem';

const certificates = (directory: string): void => {
  mkdirSync(directory, { recursive: true });
  for (const name of ['ca', 'cert', 'key']) writeFileSync(join(directory, `${name}.pem`), name);
};

describe('dockerEndpoint', () => {
  let config: string;
  const context = (name: string, meta: unknown): string => {
    const id = createHash('sha256').update(name).digest('hex');
    const directory = join(config, 'contexts', 'meta', id);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'meta.json'), JSON.stringify(meta));
    return id;
  };

  const ofContext = (name: string) =>
    message(dockerEndpoint({ DOCKER_CONFIG: config, DOCKER_CONTEXT: name }));

  beforeAll(() => {
    config = mkdtempSync(join(tmpdir(), 'docker-config-'));
  });
  afterAll(() => rmSync(config, { recursive: true }));

  it('takes a socket, a host with a port, and a host alone', () => {
    expect(dockerEndpoint({ DOCKER_HOST: 'unix:///run/my.sock' })).toEqual(
      E.right({ kind: 'unix', socketPath: '/run/my.sock' }),
    );
    expect(dockerEndpoint({ DOCKER_HOST: 'tcp://build.example:4000' })).toEqual(
      E.right({ kind: 'tcp', host: 'build.example', port: 4000 }),
    );
    expect(dockerEndpoint({ DOCKER_HOST: 'localhost' })).toEqual(
      E.right({ kind: 'tcp', host: 'localhost', port: 2375 }),
    );
    expect(dockerEndpoint({ DOCKER_HOST: 'tcp://[::1]:80' })).toEqual(
      E.right({ kind: 'tcp', host: '::1', port: 80 }),
    );
  });

  it('speaks TLS with the certificates that it is pointed to', () => {
    certificates(join(config, 'certs'));
    const found = dockerEndpoint({
      DOCKER_HOST: 'tcp://build.example',
      DOCKER_CERT_PATH: join(config, 'certs'),
    });
    expect(found).toEqual(
      E.right({
        kind: 'tls',
        host: 'build.example',
        port: 2376,
        ca: 'ca',
        cert: 'cert',
        key: 'key',
      }),
    );
  });

  it('refuses to go without TLS where it was asked for', () => {
    const given = {
      DOCKER_HOST: 'tcp://h',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: '/nowhere/at/all',
    };
    expect(message(dockerEndpoint(given))).toMatch(/cannot read the certificates.*nowhere/);
    expect(message(dockerEndpoint({ DOCKER_HOST: 'https://h' }))).toMatch(/DOCKER_CERT_PATH/);
  });

  it('says what to do about ssh', () => {
    expect(message(dockerEndpoint({ DOCKER_HOST: 'ssh://me@host' }))).toMatch(
      /ssh is not supported; forward the engine's socket/,
    );
  });

  it.each([
    ['npipe:////./pipe/docker_engine', /start with unix:\/\/ or tcp:\/\//],
    ['unix://relative.sock', /absolute path/],
    ['tcp://host/prefix', /has a path/],
    ['tcp://host:99999', /is no engine address/],
    ['tcp://', /is no engine address/],
  ])('refuses %s', (address, why) => {
    expect(message(dockerEndpoint({ DOCKER_HOST: address }))).toMatch(why);
  });

  it('follows the context that the environment names, and the one that was chosen', () => {
    context('far', { Name: 'far', Endpoints: { docker: { Host: 'tcp://far.example:1' } } });
    context('near', { Name: 'near', Endpoints: { docker: { Host: 'unix:///run/near.sock' } } });
    writeFileSync(join(config, 'config.json'), '{"currentContext": "near", "auths": {}}');
    expect(dockerEndpoint({ DOCKER_CONFIG: config })).toEqual(
      E.right({ kind: 'unix', socketPath: '/run/near.sock' }),
    );
    expect(dockerEndpoint({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'far' })).toEqual(
      E.right({ kind: 'tcp', host: 'far.example', port: 1 }),
    );
    expect(
      dockerEndpoint({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'far', DOCKER_HOST: 'unix:///x' }),
    ).toEqual(E.right({ kind: 'unix', socketPath: '/x' }));
  });

  it('takes the certificates of a context', () => {
    const id = context('tls', { Endpoints: { docker: { Host: 'tcp://tls.example:2376' } } });
    certificates(join(config, 'contexts', 'tls', id, 'docker'));
    expect(dockerEndpoint({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'tls' })).toMatchObject({
      right: { kind: 'tls', ca: 'ca' },
    });
  });

  it('refuses a context that is not there, is damaged, or trusts any certificate', () => {
    context('bad', { Endpoints: {} });
    context('lax', { Endpoints: { docker: { Host: 'tcp://h', SkipTLSVerify: true } } });
    expect(ofContext('none')).toMatch(/there is no Docker context "none"/);
    expect(ofContext('bad')).toMatch(/not written the way Docker writes it/);
    expect(ofContext('lax')).toMatch(/skips the check/);
  });

  it('falls back to the usual socket', () => {
    const found = dockerEndpoint({ DOCKER_CONFIG: join(config, 'nothing'), DOCKER_HOST: '' });
    expect(E.isRight(found) && endpointText(found.right)).toMatch(/^unix:\/\/\/.*docker\.sock$/);
  });
});
