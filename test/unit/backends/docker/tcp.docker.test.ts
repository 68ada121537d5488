import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { dockerEndpoint } from '../../../../src/backends/docker/endpoint.js';
import type { SandboxBackend } from '../../../../src/ports/sandbox-backend.js';
import {
  about,
  aRequest,
  failure,
  find,
  listen,
  run,
  sh,
  succeed,
} from '../../../contract/sandbox-backend.harness.js';
import { docker } from '../../../support/docker.js';
import { dockerWorld, LOCAL, template } from './docker-world.js';
import { tcpProxy } from './tcp-proxy.js';

const everything = (hint: { readonly type: string }): boolean =>
  hint.type === 'EverythingMayHaveChanged';

describe('an engine over TCP', () => {
  let proxy: Awaited<ReturnType<typeof tcpProxy>>;
  let world: ReturnType<typeof dockerWorld>;
  let backend: SandboxBackend;

  beforeAll(async () => {
    proxy = await tcpProxy(LOCAL.kind === 'unix' ? LOCAL.socketPath : '');
    const endpoint = dockerEndpoint({ DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}` });
    if (E.isLeft(endpoint)) throw new Error(endpoint.left.message);
    world = dockerWorld(endpoint.right);
    backend = world.backend;
  });
  afterAll(async () => {
    await proxy.close();
    await world.close();
  });

  it('creates, runs commands with half-closed stdin, lists and destroys', async () => {
    const { uid } = await succeed(backend.create(aRequest(template())));
    const outcome = await run(backend, uid, sh('wc -c; exit 4'), 'x'.repeat(100_000));
    expect(outcome.stdout.trim()).toBe('100000');
    expect(outcome.end).toEqual({ type: 'Exited', exitCode: 4 });
    expect((await find(backend, uid))?.state).toBe('Running');
    await succeed(backend.destroy(uid));
  });

  it('never takes a connection that was cut for the end of a command', async () => {
    const { uid } = await succeed(backend.create(aRequest(template())));
    const stream = await succeed(
      backend.openExec(uid, { ...sh('echo ready; cat >/dev/null; exit 0'), stdin: true }),
    );
    stream.stderr.resume();
    await once(stream.stdout, 'data');
    stream.stdout.resume();
    proxy.setRefusing(true);
    expect((await stream.ended).type).toBe('Lost');
    proxy.setRefusing(false);
  });

  it('says that an engine is unavailable, and works again when it is back', async () => {
    proxy.setRefusing(true);
    expect((await failure(backend.list)).type).toBe('BackendUnavailable');
    expect((await failure(backend.create(aRequest(template())))).type).toBe('BackendUnavailable');
    proxy.setRefusing(false);
    await succeed(backend.list);
  });

  it('watches on after its connection was cut, and says that anything may have changed', async () => {
    const { uid } = await succeed(backend.create(aRequest(template())));
    const listening = listen(backend);
    try {
      await listening.hint(everything);
      const before = listening.heard.length;
      proxy.setRefusing(true);
      await docker.getContainer(uid).kill();
      proxy.setRefusing(false);
      await listening.hint(everything, before);
      expect((await find(backend, uid))?.state).toBe('Stopped');
      const after = listening.heard.length;
      await succeed(backend.destroy(uid));
      await listening.hint(about(uid), after);
    } finally {
      await listening.stop();
    }
  });
});
