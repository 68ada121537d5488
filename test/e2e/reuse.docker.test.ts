import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createOperatorProcess,
  eventually,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
  threadPath,
} from '../support/operator-process.js';

describe('a pool that uses its sandboxes again', () => {
  let operator: OperatorProcess;

  beforeAll(async () => {
    operator = await createOperatorProcess(
      poolManifest({
        spec: [
          '  maxSandboxes: 1',
          '  recycle: { onRelease: Reuse, maxLeases: 3 }',
          '  lease: { idleTimeoutSeconds: 2 }',
        ].join('\n'),
      }),
    );
    await operator.start();
    await operator.warm(1);
  }, PATIENCE_MS);

  afterAll(async () => operator.dispose(), PATIENCE_MS);

  it(
    'ends what the last thread left running and empties its directory, then replaces the sandbox after maxLeases',
    async () => {
      const leave = 'echo mine > file; setsid sleep 600 >/dev/null 2>&1 & pwd';
      const first = (await operator.exec('a', { command: leave })).json();
      expect((await operator.request('DELETE', `${threadPath('a')}/lease`)).status).toBe(204);

      const look = `ls -A ${String(first['stdout']).trim()} /workspace; ps | grep "[s]leep 600"`;
      const second = (await operator.exec('b', { command: look })).json();
      expect(second).toMatchObject({ sandbox: first['sandbox'] });
      expect(second['stdout']).not.toContain('file');
      expect(second['stdout']).not.toContain('sleep 600');
      await operator.request('DELETE', `${threadPath('b')}/lease`);

      const third = (await operator.exec('c', { command: 'true' })).json();
      expect(third['sandbox']).toBe(first['sandbox']);
      await operator.request('DELETE', `${threadPath('c')}/lease`);
      const fourth = (await operator.exec('d', { command: 'true' })).json();
      expect(fourth['sandbox']).not.toBe(first['sandbox']);
    },
    PATIENCE_MS,
  );

  it(
    'takes an idle thread its lease, but not one whose command runs',
    async () => {
      await operator.request('DELETE', `${threadPath('d')}/lease`);
      const busy = await operator.exec('busy', { command: 'sleep 4; echo done' });
      expect(busy.json()['stdout']).toBe('done\n');
      await eventually('the idle lease to end', async () => {
        const reply = await operator.request('GET', `${threadPath('busy')}/lease`);
        return reply.status === 410;
      });
      expect(operator.log()).toContain('"reason":"Idle"');
    },
    PATIENCE_MS,
  );
});
