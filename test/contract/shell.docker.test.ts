import { describe, expect, it } from '@jest/globals';
import { PIDS_ANNOTATION } from '../../src/backends/docker/to-network.js';
import { killScript } from '../../src/exec/kill-script.js';
import { createDockerWorld } from '../support/docker-world.js';
import { shellContract } from './shell.contract.js';
import { collect, killUntilGone, type ShellWorld, shellHarness } from './shell.harness.js';

const createWorld = async (...how: Parameters<typeof createDockerWorld>): Promise<ShellWorld> => {
  const { backend, uid, close } = await createDockerWorld(...how);
  return {
    directory: '/workspace',
    openExec: (argv) => backend.openExec(uid, { argv, stdin: true }),
    close,
  };
};

shellContract('Docker, busybox image', () => createWorld({}));
shellContract('Docker, Python image', () => createWorld({ image: 'warmpool.local/python:3' }));

const MARKER = '123456789012345';

describe('resident shells of a sandbox whose process limit is used up', () => {
  const { open, wrap, launch } = shellHarness(() => createWorld({}, { [PIDS_ANNOTATION]: '64' }));

  it('end the fork bomb that did it, and go on', async () => {
    const shell = await open();
    const killer = await open();
    const command = 'bomb() { bomb | bomb & }; echo ready; bomb; sleep 1; while :; do :; done';
    const victim = launch(shell, wrap({ command }, MARKER));
    await victim.ready;
    const target = { marker: MARKER, shellPid: shell.pid };
    expect(await killUntilGone(killer, killScript(target, 'KILL'))).toBeGreaterThan(0);
    expect((await victim.answer).reply).toMatchObject({ type: 'Done', exitCode: 137 });
    const after = await collect((sink) => killer.run({ script: 'sh -c "echo fine"', sink }));
    expect(after.stdout).toBe('fine\n');
  });
});
