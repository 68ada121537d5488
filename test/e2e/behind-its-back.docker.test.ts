import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { docker } from '../support/docker.js';
import {
  createOperatorProcess,
  eventually,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
} from '../support/operator-process.js';

describe('sandboxes that go behind the operator’s back', () => {
  let operator: OperatorProcess;

  beforeAll(async () => {
    operator = await createOperatorProcess(poolManifest({ replicas: 2 }));
    await operator.start();
    await operator.warm(2);
  }, PATIENCE_MS);

  afterAll(async () => operator.dispose(), PATIENCE_MS);

  it.each(['kill', 'remove'] as const)(
    'a warm one is replaced after a %s',
    async (how) => {
      const victim = String(
        (await operator.sandboxes()).find((sandbox) => sandbox['phase'] === 'Ready')?.['name'],
      );
      const container = docker.getContainer(victim);
      await (how === 'kill' ? container.kill() : container.remove({ force: true }));
      await eventually('the victim to be noticed', async () =>
        (await operator.sandboxes()).every((sandbox) => sandbox['name'] !== victim),
      );
      await operator.warm(2);
    },
    PATIENCE_MS,
  );

  it(
    'a command under way ends with an error, not with success, and the next one gets a new sandbox',
    async () => {
      const first = (await operator.exec('t', { command: 'true' })).json();
      const running = operator.exec('t', { command: 'touch /tmp/begun; sleep 600' });
      await eventually(
        'the command to begin',
        async () =>
          (await operator.exec('t', { command: 'cat /tmp/begun' })).json()['exitCode'] === 0,
      );
      await docker.getContainer(String(first['sandbox'])).remove({ force: true });
      const broken = await running;
      expect(broken.status).toBeGreaterThanOrEqual(400);
      expect(broken.headers.get('content-type')).toContain('application/problem+json');
      const next = await eventually('the thread to get a new sandbox', async () => {
        const reply = await operator.exec('t', { command: 'true' });
        return reply.status === 200 ? reply.json() : undefined;
      });
      expect(next['sandbox']).not.toBe(first['sandbox']);
      expect(Number(next['leaseEpoch'])).toBeGreaterThan(Number(first['leaseEpoch']));
    },
    PATIENCE_MS,
  );

  it(
    'a stranger’s container is never touched',
    async () => {
      const stranger = await docker.createContainer({
        Image: 'warmpool.local/busybox:1',
        Cmd: ['sleep', '600'],
        Labels: { 'warmpool.dev/pool': 'box', 'warmpool.dev/installation': 'test-somebody-else' },
        NetworkDisabled: true,
      });
      await stranger.start();
      await operator.stop();
      await operator.start();
      await operator.warm(2);
      expect((await stranger.inspect()).State.Running).toBe(true);
      await stranger.remove({ force: true });
    },
    PATIENCE_MS,
  );
});
