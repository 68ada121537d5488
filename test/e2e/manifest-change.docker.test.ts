import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createOperatorProcess,
  eventually,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
  threadPath,
} from '../support/operator-process.js';

const manifest = (replicas: number, version: string, image?: string): string =>
  poolManifest({
    replicas,
    ...(image === undefined ? {} : { image }),
    spec: '  recycle: { drainSeconds: 1 }',
    container: `          env: [{ name: VERSION, value: "${version}" }]`,
  });

describe('a manifest that changes while the operator runs', () => {
  let operator: OperatorProcess;

  beforeAll(async () => {
    operator = await createOperatorProcess(manifest(1, 'one'));
    await operator.start();
    await operator.warm(1);
  }, PATIENCE_MS);

  afterAll(async () => operator.dispose(), PATIENCE_MS);

  it(
    'more replicas, then fewer: the pool follows, and a leased sandbox stays',
    async () => {
      const held = (await operator.exec('held', { command: 'echo $VERSION' })).json();
      expect(held['stdout']).toBe('one\n');
      operator.writeManifest(manifest(3, 'one'));
      await operator.warm(3);
      operator.writeManifest(manifest(1, 'one'));
      await eventually('the surplus to go', async () => (await operator.sandboxes()).length === 2);
      expect((await operator.exec('held', { command: 'true' })).json()['sandbox']).toBe(
        held['sandbox'],
      );
    },
    PATIENCE_MS,
  );

  it(
    'another template: warm sandboxes are replaced, a leased one waits for its release',
    async () => {
      operator.writeManifest(manifest(1, 'two'));
      await eventually('a sandbox of the new template', async () => {
        const fresh = (await operator.exec('new', { command: 'echo $VERSION' })).json();
        if (fresh['stdout'] === 'two\n') return true;
        await operator.request('DELETE', `${threadPath('new')}/lease`);
        return false;
      });
      expect((await operator.exec('held', { command: 'echo $VERSION' })).json()['stdout']).toBe(
        'one\n',
      );
      await eventually('only new warm sandboxes', async () => {
        const { readyReplicas, templateHash } = await operator.status();
        const warm = (await operator.sandboxes()).filter((sandbox) => sandbox['phase'] === 'Ready');
        return (
          readyReplicas === 1 && warm.every((sandbox) => sandbox['templateHash'] === templateHash)
        );
      });
    },
    PATIENCE_MS,
  );

  it(
    'a bad manifest: the pool goes on as it was, and the log names the field',
    async () => {
      operator.writeManifest(manifest(1, 'two').replace('replicas: 1', 'replicas: -1'));
      await eventually('the problem in the log', () => operator.log().includes('spec.replicas'));
      expect((await operator.exec('held', { command: 'true' })).status).toBe(200);
      operator.writeManifest(manifest(1, 'two'));
    },
    PATIENCE_MS,
  );

  it(
    'a template whose image is missing: Degraded says why, and the old sandboxes serve on',
    async () => {
      operator.writeManifest(manifest(2, 'two', 'warmpool.local/nowhere:1'));
      const degraded = await eventually('the Degraded condition', async () => {
        const conditions = (await operator.status())['conditions'] as readonly Record<
          string,
          unknown
        >[];
        return conditions.find((one) => one['type'] === 'Degraded' && one['status'] === 'True');
      });
      expect(String(degraded['message'])).toContain('warmpool.local/nowhere:1');
      expect((await operator.exec('served', { command: 'echo $VERSION' })).json()['stdout']).toBe(
        'two\n',
      );
      operator.writeManifest(manifest(1, 'two'));
    },
    PATIENCE_MS,
  );

  it(
    'no manifest any more: the pool is drained and removed',
    async () => {
      rmSync(operator.manifest);
      await eventually('the pool to go', async () => {
        const reply = await operator.request('GET', '/v1/namespaces/default/pools/box');
        return reply.status === 404;
      });
      await eventually(
        'the last lease to end',
        async () => (await operator.exec('late', { command: 'true' })).status === 404,
      );
    },
    PATIENCE_MS,
  );
});
