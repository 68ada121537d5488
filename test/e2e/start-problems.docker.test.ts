import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createOperatorProcess,
  eventually,
  freePort,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
  warmpool,
} from '../support/operator-process.js';

describe('a start that cannot go well', () => {
  let operator: OperatorProcess;

  beforeEach(async () => {
    operator = await createOperatorProcess();
  });

  afterEach(async () => operator.dispose(), PATIENCE_MS);

  const up = (...extra: readonly string[]) =>
    warmpool([
      'up',
      '-f',
      operator.manifest,
      '--state',
      operator.state,
      '--listen',
      '127.0.0.1:0',
      ...extra,
    ]);

  it('names every wrong field of a manifest with its line', async () => {
    writeFileSync(
      operator.manifest,
      poolManifest({ spec: '  maxSandboxes: many\n  surprise: 1' }).replace(
        'replicas: 1',
        'replicas: -1',
      ),
    );
    const ended = await up();
    expect(ended.status).toBe(1);
    for (const part of ['pool.yaml:6', 'spec.replicas', 'spec.maxSandboxes', 'spec.surprise']) {
      expect(ended.stderr).toContain(part);
    }
  });

  it('refuses a template field that Docker cannot honour, by its path', async () => {
    writeFileSync(
      operator.manifest,
      poolManifest().replace(
        '    spec:\n      containers:',
        '    spec:\n      hostNetwork: true\n      containers:',
      ),
    );
    const ended = await up();
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('spec.template.spec.hostNetwork');
  });

  it('says which port is in use', async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((done) => {
      server.listen(port, '127.0.0.1', () => done());
    });
    const ended = await up('--listen', `127.0.0.1:${port}`);
    server.close();
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(String(port));
    expect(ended.stderr).toContain('--listen');
  });

  it(
    'lets no second operator use the same state directory',
    async () => {
      await operator.start();
      const ended = await up();
      expect(ended.status).toBe(1);
      expect(ended.stderr).toContain(operator.state);
    },
    PATIENCE_MS,
  );

  it('needs a token to listen beyond this machine', async () => {
    const ended = await up('--listen', '0.0.0.0:0');
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('WARMPOOL_TOKEN');
  });

  it(
    'refuses a damaged lease store instead of starting empty',
    async () => {
      await operator.start();
      await operator.warm(1);
      await operator.exec('t', { command: 'true' });
      await operator.stop();
      writeFileSync(join(operator.state, 'leases.mdb'), 'not a database');
      const ended = await up();
      expect(ended.status).toBe(1);
      expect(ended.stderr).toContain(operator.state);
    },
    PATIENCE_MS,
  );

  it(
    'with no engine says so, serves what it can, and goes on when one answers',
    async () => {
      const nowhere = join(operator.directory, 'engine.sock');
      await operator.start([], { DOCKER_HOST: `unix://${nowhere}` });
      const ready = await operator.request('GET', '/readyz');
      expect(ready.status).toBe(503);
      expect(ready.body).toContain('engine');
      await eventually('the log to say so', () => operator.log().includes(nowhere));
      symlinkSync('/var/run/docker.sock', nowhere);
      await operator.warm(1);
      expect((await operator.request('GET', '/readyz')).status).toBe(200);
    },
    PATIENCE_MS,
  );
});
