import { describe, expect, it } from '@jest/globals';
import { createEngine } from '../../../../src/backends/docker/engine.js';
import { openExec } from '../../../../src/backends/docker/exec.js';
import { systemClock } from '../../../../src/runtime/system-clock.js';
import { stubEngine } from './stub-engine.js';

/** What opening an exec comes to when the engine makes it and answers its start so. */
const startAnswered = async (status: number, message: string) => {
  const stub = await stubEngine((request, response) => {
    const start = request.url?.includes('/start') === true;
    response.writeHead(start ? status : 201, { 'content-type': 'application/json' });
    response.end(JSON.stringify(start ? { message } : { Id: 'e1' }));
  });
  try {
    const engine = createEngine({ endpoint: stub.endpoint, clock: systemClock });
    return await openExec(engine, systemClock, 'uid-1', { argv: ['sh'], stdin: true })();
  } finally {
    await stub.close();
  }
};

describe('openExec', () => {
  it('does not call a sandbox gone whose engine only forgot the exec', async () => {
    const opened = await startAnswered(404, 'No such exec instance: e1');
    expect(opened).toMatchObject({ left: { type: 'BackendUnavailable' } });
  });

  it('calls a sandbox gone that stopped before the exec began', async () => {
    const opened = await startAnswered(409, 'Container uid-1 is not running');
    expect(opened).toMatchObject({ left: { type: 'SandboxGone', uid: 'uid-1' } });
  });
});
