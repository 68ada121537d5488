import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createOperatorProcess,
  eventually,
  type OperatorProcess,
  PATIENCE_MS,
  poolManifest,
  threadPath,
} from '../support/operator-process.js';

describe('a thread works in a warm sandbox', () => {
  let operator: OperatorProcess;

  beforeAll(async () => {
    operator = await createOperatorProcess(poolManifest({ replicas: 2 }));
    await operator.start();
    await operator.warm(2);
  }, PATIENCE_MS);

  afterAll(async () => operator.dispose(), PATIENCE_MS);

  it('runs a command and answers with its output, its status and the sandbox', async () => {
    const reply = await operator.exec('first', { command: 'echo out; echo err >&2; exit 3' });
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      timedOut: false,
      truncated: { stdout: false, stderr: false },
      leaseEpoch: expect.any(Number),
      sandbox: expect.any(String),
      timings: { queueMs: 0 },
    });
  });

  it('keeps a thread in its sandbox, and its files in its own directory', async () => {
    const one = (await operator.exec('keeper', { command: 'echo kept > note; pwd' })).json();
    const two = (await operator.exec('keeper', { command: 'cat note; pwd' })).json();
    expect(two['stdout']).toBe(`kept\n${String(one['stdout'])}`);
    expect(two['sandbox']).toBe(one['sandbox']);
    expect(two['leaseEpoch']).toBe(one['leaseEpoch']);
    await operator.request('DELETE', `${threadPath('keeper')}/lease`);
  });

  it('gives another thread another sandbox, without the first one’s files', async () => {
    const mine = (await operator.exec('mine', { command: 'echo secret > /tmp/secret' })).json();
    const other = (await operator.exec('other', { command: 'cat /tmp/secret' })).json();
    expect(other['sandbox']).not.toBe(mine['sandbox']);
    expect(other['exitCode']).toBe(1);
    await operator.request('DELETE', `${threadPath('mine')}/lease`);
    await operator.request('DELETE', `${threadPath('other')}/lease`);
  });

  it('removes a released sandbox and puts a fresh one in its place', async () => {
    const used = (await operator.exec('gone', { command: 'true' })).json();
    expect((await operator.request('DELETE', `${threadPath('gone')}/lease`)).status).toBe(204);
    await eventually('the used sandbox to go', async () =>
      (await operator.sandboxes()).every((sandbox) => sandbox['name'] !== used['sandbox']),
    );
    await operator.warm(2);
    expect((await operator.request('DELETE', `${threadPath('gone')}/lease`)).status).toBe(204);
  });

  it('acquires once, renews, shows and releases a lease', async () => {
    const path = `${threadPath('leased')}/lease`;
    const first = await operator.request('PUT', path, {
      durationSeconds: 60,
      labels: { job: '7' },
    });
    expect(first.status).toBe(201);
    const again = await operator.request('PUT', path, { durationSeconds: 600 });
    expect(again.status).toBe(200);
    expect(again.json()['epoch']).toBe(first.json()['epoch']);
    expect(Date.parse(String(again.json()['expiresAt']))).toBeGreaterThan(
      Date.parse(String(first.json()['expiresAt'])),
    );
    expect((await operator.request('GET', path)).json()).toMatchObject({
      thread: 'leased',
      labels: { job: '7' },
    });
    const fenced = await operator.exec('leased', { command: 'true', leaseEpoch: 1_000_000 });
    expect(fenced.status).toBe(409);
    expect((await operator.request('DELETE', path)).status).toBe(204);
    expect((await operator.request('GET', path)).status).toBe(410);
  });

  it(
    'takes any Unicode string for a thread, dots and slashes too',
    async () => {
      for (const thread of ['..', '.', 'a/b', '../../etc', 'naïve 線程 🧵', '%2e%2e', ' ']) {
        // fetch would resolve even an escaped dot as a path step, so this goes through the command line
        const ran = await operator.cli(['exec', 'box', '-t', thread, '-c', 'pwd']);
        expect([thread, ran.status, ran.stderr]).toEqual([thread, 0, '']);
        expect(ran.stdout).toMatch(/^\/workspace\/[a-z0-9-]+\n$/);
        expect((await operator.cli(['release', 'box', '-t', thread])).status).toBe(0);
      }
    },
    PATIENCE_MS,
  );

  it('streams output as it comes, and the end last', async () => {
    const reply = await operator.exec('stream', {
      command: 'echo a; echo b >&2; exit 4',
      stream: true,
    });
    expect(reply.headers.get('content-type')).toContain('application/x-ndjson');
    const lines = reply.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toContainEqual({ stdout: 'a\n' });
    expect(lines).toContainEqual({ stderr: 'b\n' });
    expect(lines.at(-1)).toMatchObject({ exit: { exitCode: 4, timedOut: false } });
    await operator.request('DELETE', `${threadPath('stream')}/lease`);
  });

  it('kills a command that takes too long, and says so', async () => {
    const reply = await operator.exec('slow', {
      command: 'echo begun; sleep 600',
      timeoutSeconds: 1,
    });
    expect(reply.json()).toMatchObject({ exitCode: 124, timedOut: true, stdout: 'begun\n' });
    const left = await operator.exec('slow', { command: 'ps | grep "[s]leep 600" || echo none' });
    expect(left.json()['stdout']).toBe('none\n');
    await operator.request('DELETE', `${threadPath('slow')}/lease`);
  });

  it(
    'works from the command line: exec, lease, get, top, release',
    async () => {
      const ran = await operator.cli(['exec', 'box', '-t', 'cli', '-i', '--', 'cat'], 'from stdin');
      expect(ran).toMatchObject({ status: 0, stdout: 'from stdin' });
      expect(
        await operator.cli(['exec', 'box', '-t', 'cli', '--', 'sh', '-c', 'exit 7']),
      ).toMatchObject({ status: 7 });
      expect((await operator.cli(['lease', 'box', '-t', 'cli'])).status).toBe(0);
      const leases = await operator.cli(['get', 'leases', 'box', '-o', 'json']);
      expect(leases.stdout).toContain('"cli"');
      const pools = await operator.cli(['get', 'pools']);
      expect(pools.stdout).toContain('box');
      expect((await operator.cli(['top', '--once'])).stdout).toContain('box');
      expect((await operator.cli(['release', 'box', '-t', 'cli'])).status).toBe(0);
      expect((await operator.cli(['crd'])).stdout).toContain('sandboxpools.warmpool.dev');
    },
    PATIENCE_MS,
  );

  it('counts what it does', async () => {
    const text = (await operator.request('GET', '/metrics')).body;
    expect(text).toMatch(/warmpool_sandboxes\{[^}]*phase="Ready"[^}]*\} \d/);
    expect(text).toMatch(/warmpool_leases_granted_total\{[^}]*\} [1-9]/);
    expect(text).toMatch(/warmpool_commands_total\{[^}]*outcome="succeeded"[^}]*\} [1-9]/);
  });

  it('shows every figure that the README names', async () => {
    const text = (await operator.request('GET', '/metrics')).body;
    const named = readFileSync('README.md', 'utf8').matchAll(/`(warmpool_\w+)/g);
    const names = [...new Set([...named].map(([, name]) => name))];
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
  });
});
