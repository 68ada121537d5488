import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { docker } from '../support/docker.js';
import {
  createOperatorProcess,
  eventually,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
} from '../support/operator-process.js';

describe('a thread whose sandbox is of no use any more', () => {
  let operator: OperatorProcess;

  beforeEach(async () => {
    operator = await createOperatorProcess(poolManifest({ replicas: 2 }));
    await operator.start();
    await operator.warm(2);
  }, PATIENCE_MS);

  afterEach(async () => operator.dispose(), PATIENCE_MS);

  const containerOf = async (thread: string) => {
    const reply = (await operator.exec(thread, { command: 'true' })).json();
    return { reply, container: docker.getContainer(String(reply['sandbox'])) };
  };

  it.each(['kill', 'remove'] as const)(
    'has its next command run in another one, at once, after a %s',
    async (how) => {
      for (let times = 0; times < 2; times += 1) {
        await operator.warm(2);
        const { reply, container } = await containerOf('t');
        await (how === 'kill' ? container.kill() : container.remove({ force: true }));
        const replies = await Promise.all(
          ['1', '2', '3'].map((word) => operator.exec('t', { command: `echo ${word}` })),
        );
        expect(replies.map(({ status, body }) => [status, body])).toEqual(
          replies.map(() => [200, expect.anything()]),
        );
        const sandboxes = new Set(replies.map((each) => each.json()['sandbox']));
        expect(sandboxes.size).toBe(1);
        expect(sandboxes).not.toContain(reply['sandbox']);
      }
      expect(operator.log()).not.toContain('defect');
    },
    PATIENCE_MS,
  );

  it(
    'is told so when it asked for that very lease',
    async () => {
      const { reply, container } = await containerOf('t');
      await container.remove({ force: true });
      const { leaseEpoch } = reply;
      const refused = await operator.exec('t', { command: 'true', leaseEpoch });
      expect(refused.status).toBe(410);
    },
    PATIENCE_MS,
  );

  it(
    'gets another one when its own processes leave no room for a shell',
    async () => {
      const { reply, container } = await containerOf('t');
      await operator.exec('t', { command: 'for i in 1 2 3 4 5 6 7 8; do sleep 600 & done' });
      await container.update({ PidsLimit: 4 });
      // each try waits 10 s for a shell; on a busy machine some of them say nothing about the sandbox
      const next = await eventually(
        'a command to run again',
        async () => {
          const tried = await operator.exec('t', { command: 'true; /bin/true' });
          return tried.status === 200 ? tried.json() : undefined;
        },
        2 * PATIENCE_MS,
      );
      expect(next['sandbox']).not.toBe(reply['sandbox']);
      expect(operator.log()).toContain('no shell lives in a leased sandbox');
    },
    3 * PATIENCE_MS,
  );
});
