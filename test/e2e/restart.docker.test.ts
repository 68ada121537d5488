import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { containersOf } from '../support/docker.js';
import {
  createOperatorProcess,
  eventually,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
} from '../support/operator-process.js';

describe('a restart', () => {
  let operator: OperatorProcess;
  const installation = (): string =>
    readFileSync(join(operator.state, 'installation'), 'utf8').trim();

  beforeEach(async () => {
    operator = await createOperatorProcess(
      poolManifest({ replicas: 2, spec: '  maxSandboxes: 4' }),
    );
    await operator.start();
    await operator.warm(2);
  }, PATIENCE_MS);

  afterEach(async () => operator.dispose(), PATIENCE_MS);

  const sleepers = async (): Promise<string> => {
    const look =
      'for p in /proc/[0-9]*; do cat $p/cmdline 2>/dev/null; echo; done | grep -c "432[1]"';
    return String((await operator.exec('t', { command: look })).json()['stdout']).trim();
  };
  const sleep = async (): Promise<void> => {
    void operator.exec('t', { command: ['sleep', '4321'] }).catch(() => undefined);
    await eventually('the command to begin', async () => (await sleepers()) === '1');
  };
  const restart = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await operator.stop(signal);
    await operator.start(['--grace', '1']);
    await operator.warm(2);
  };

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'after %s keeps warm sandboxes, and the lease with its files',
    async (signal) => {
      const before = (await operator.exec('t', { command: 'echo here > file' })).json();
      await operator.warm(2);
      const containers = [...(await containersOf(installation()))].toSorted();
      const status = await operator.stop(signal);
      if (signal === 'SIGTERM') expect(status).toBe(0);
      expect([...(await containersOf(installation()))].toSorted()).toEqual(containers);

      await operator.start();
      await operator.warm(2);
      const after = await eventually('the thread to go on', async () => {
        const reply = await operator.exec('t', { command: 'cat file' });
        return reply.status === 200 ? reply.json() : undefined;
      });
      expect(after).toMatchObject({
        stdout: 'here\n',
        sandbox: before['sandbox'],
        leaseEpoch: before['leaseEpoch'],
      });
      expect([...(await containersOf(installation()))].toSorted()).toEqual(containers);
      expect(operator.log()).not.toContain('defect');
    },
    2 * PATIENCE_MS,
  );

  it(
    'lets a command finish that is under way when it is told to stop',
    async () => {
      const running = operator.exec('t', {
        command: 'echo begun > /tmp/begun; sleep 2; echo done',
      });
      await eventually('the command to begin', async () => {
        const seen = await operator.exec('t', { command: 'cat /tmp/begun' });
        return seen.json()['exitCode'] === 0;
      });
      const stopped = operator.stop();
      expect((await running).json()).toMatchObject({ exitCode: 0, stdout: 'done\n' });
      expect(await stopped).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'kills a command that outlives the grace, and what a crash left running at the next start',
    async () => {
      await restart('SIGTERM');
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        await sleep();
        await restart(signal);
        await eventually(`no sleeper after ${signal}`, async () => (await sleepers()) === '0');
      }
    },
    3 * PATIENCE_MS,
  );

  it(
    'with --cleanup leaves no container behind',
    async () => {
      await operator.stop();
      await operator.start(['--cleanup']);
      await operator.warm(2);
      await operator.exec('t', { command: 'true' });
      expect(await operator.stop()).toBe(0);
      expect(await containersOf(installation())).toEqual([]);
    },
    2 * PATIENCE_MS,
  );
});
