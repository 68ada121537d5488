import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SandboxBackend } from '../../src/ports/sandbox-backend.js';
import { execClauses } from './sandbox-backend.exec-clauses.js';
import {
  about,
  aRequest,
  type BackendCapabilities,
  type BackendHarness,
  failure,
  find,
  listen,
  POOL,
  succeed,
} from './sandbox-backend.harness.js';

/** The definition of SandboxBackend: every backend passes these clauses. */
export const sandboxBackendContract = (
  name: string,
  capabilities: BackendCapabilities,
  open: () => Promise<BackendHarness>,
): void => {
  describe(`SandboxBackend contract: ${name}`, () => {
    let harness: BackendHarness;
    let backend: SandboxBackend;

    beforeAll(async () => {
      harness = await open();
      backend = harness.backend;
    });
    afterAll(() => harness.close());

    const make = () => succeed(backend.create(aRequest(harness.template)));

    it('answers a ping and accepts a plain template', async () => {
      await succeed(backend.ping);
      expect(backend.checkTemplate(harness.template)).toMatchObject({ _tag: 'Right' });
    });

    it('lists what it created, as it created it', async () => {
      const request = aRequest(harness.template);
      const sandbox = await succeed(backend.create(request));
      expect(sandbox).toMatchObject({
        name: request.name,
        pool: POOL,
        templateHash: request.templateHash,
        state: 'Running',
      });
      expect(await find(backend, sandbox.uid)).toEqual(sandbox);
    });

    it('makes one sandbox of a name that is asked for twice', async () => {
      const request = aRequest(harness.template);
      const first = await succeed(backend.create(request));
      const second = await succeed(backend.create(request));
      expect(second).toEqual(first);
      const listed = await succeed(backend.list);
      expect(listed.filter((sandbox) => sandbox.name === request.name)).toHaveLength(1);
    });

    it('makes one sandbox of a name that is asked for twice at the same time', async () => {
      const request = aRequest(harness.template);
      const made = await Promise.all([
        succeed(backend.create(request)),
        succeed(backend.create(request)),
        succeed(backend.create(request)),
      ]);
      expect(new Set(made.map((sandbox) => sandbox.uid)).size).toBe(1);
      const listed = await succeed(backend.list);
      expect(listed.filter((sandbox) => sandbox.name === request.name)).toHaveLength(1);
    });

    it('destroys a sandbox, and takes a second destroy for success', async () => {
      const { uid } = await make();
      await succeed(backend.destroy(uid));
      await succeed(backend.destroy(uid));
      expect(await find(backend, uid)).toBeUndefined();
    });

    it('takes two destroys at the same time for success', async () => {
      const { uid } = await make();
      await Promise.all([succeed(backend.destroy(uid)), succeed(backend.destroy(uid))]);
    });

    it('takes the destruction of what never was for success', async () => {
      await succeed(backend.destroy(harness.unknownUid));
    });

    it('gives another uid to a name that is used again', async () => {
      const request = aRequest(harness.template);
      const first = await succeed(backend.create(request));
      await succeed(backend.destroy(first.uid));
      const second = await succeed(backend.create(request));
      expect(second.uid).not.toBe(first.uid);
    });

    it('no longer lists what somebody else removed', async () => {
      const { uid } = await make();
      await harness.vanish(uid);
      expect(await find(backend, uid)).toBeUndefined();
      await succeed(backend.destroy(uid));
    });

    it('lists a sandbox whose processes ended as stopped, with the reason', async () => {
      const { uid } = await make();
      await harness.kill(uid);
      const sandbox = await find(backend, uid);
      expect(sandbox?.state).toBe('Stopped');
      expect(sandbox?.reason).toMatch(/^exited with status 137/);
    });

    it('hints at what it creates, at what stops and at what somebody removes', async () => {
      const listening = listen(backend);
      try {
        const { uid } = await make();
        await listening.hint(about(uid));
        const beforeKill = listening.heard.length;
        await harness.kill(uid);
        await listening.hint(about(uid), beforeKill);
        const other = await make();
        await listening.hint(about(other.uid));
        const beforeVanish = listening.heard.length;
        await harness.vanish(other.uid);
        const hint = await listening.hint(about(other.uid), beforeVanish);
        expect(hint).toEqual({ type: 'SandboxChanged', pool: POOL, uid: other.uid });
      } finally {
        await listening.stop();
      }
    });

    it('sends no hint after its watch was stopped, also if it was stopped before it began', async () => {
      const before = AbortSignal.abort();
      const heard: unknown[] = [];
      await backend.watch((hint) => heard.push(hint), before);
      const listening = listen(backend);
      await listening.stop();
      const after = listening.heard.length;
      await make();
      expect(heard).toEqual([]);
      expect(listening.heard).toHaveLength(after);
    });

    const { failing } = capabilities;
    (failing === undefined ? it.skip : it)('says which image is missing', async () => {
      const request = aRequest(failing?.missingImage ?? harness.template);
      const error = await failure(backend.create(request));
      expect(error).toMatchObject({
        type: 'ImageMissing',
        image: request.template.spec.containers[0]?.image,
      });
    });

    (failing === undefined ? it.skip : it)(
      'fails to start a command that does not exist, and leaves nothing behind',
      async () => {
        const request = aRequest(failing?.badCommand ?? harness.template);
        expect(await failure(backend.create(request))).toMatchObject({ type: 'StartFailed' });
        const listed = await succeed(backend.list);
        expect(listed.filter((sandbox) => sandbox.name === request.name)).toEqual([]);
      },
    );

    execClauses(() => harness, capabilities);
  });
};
