import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createOperatorProcess,
  eventually,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
} from '../support/operator-process.js';

describe('a full disk under the lease store', () => {
  let operator: OperatorProcess;

  beforeAll(async () => {
    operator = await createOperatorProcess(poolManifest({ replicas: 2 }));
    mkdirSync(operator.state, { mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', operator.state]);
    await operator.start();
    await operator.warm(2);
  }, PATIENCE_MS);

  afterAll(async () => {
    if (operator.running()) await operator.stop('SIGKILL');
    rmSync(join(operator.state, 'filler'), { force: true });
    await operator.dispose().catch(() => undefined);
    execFileSync('umount', [operator.state]);
    rmSync(operator.directory, { recursive: true, force: true });
  }, PATIENCE_MS);

  it(
    'refuses new leases, keeps serving the old ones, and recovers',
    async () => {
      expect((await operator.exec('old', { command: 'true' })).status).toBe(200);
      try {
        for (let part = 0; part < 64; part += 1) {
          writeFileSync(join(operator.state, 'filler'), Buffer.alloc(64 * 1024), { flag: 'a' });
        }
      } catch {
        // full, as wanted
      }
      const refused = await eventually('a lease to be refused', async () => {
        const reply = await operator.exec(`new-${Math.random()}`, { command: 'true' });
        return reply.status === 503 ? reply : undefined;
      });
      expect(refused.json()['type']).toContain('store');
      expect((await operator.exec('old', { command: 'echo still' })).json()['stdout']).toBe(
        'still\n',
      );
      rmSync(join(operator.state, 'filler'));
      await eventually('new leases again', async () => {
        return (await operator.exec('later', { command: 'true' })).status === 200;
      });
    },
    PATIENCE_MS,
  );
});
