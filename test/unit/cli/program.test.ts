import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Condition } from '../../../src/api/conditions.js';
import type { CliDeps } from '../../../src/cli/cli-deps.js';
import type { Gateway } from '../../../src/gateway/create-gateway.js';
import { type CliRunOptions, cliRun } from '../../support/cli-run.js';
import { type GatewayWorld, gatewayWorld } from '../../support/gateway-world.js';
import { listeningGateway } from '../../support/listening-gateway.js';

describe('warmpool', () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  let env: CliDeps['env'];
  beforeEach(async () => {
    world = gatewayWorld({
      progress: ({ name }) => (name === 'node' ? 'pulling node:24' : undefined),
    });
    const listening = await listeningGateway(world);
    gateway = listening.gateway;
    env = { url: listening.url };
  });
  afterEach(() => gateway.close(0));

  const run = (line: string, overrides: CliRunOptions = {}) =>
    cliRun(line.split(' '), { env, ...overrides });

  it('leases, renews and releases', async () => {
    const leased = await run('lease python -t t1 --duration 60 -l user=ada');
    expect(leased.status).toBe(0);
    expect(leased.stdout).toBe(
      'NAMESPACE   POOL     THREAD   SANDBOX    EPOCH   AGE   IDLE   EXPIRES\n' +
        'default     python   t1       python-1   1       1m    1m     59m\n',
    );
    expect(world.acquired).toMatchObject([{ durationSeconds: 60, labels: { user: 'ada' } }]);
    expect(await run('release python -t t1')).toMatchObject({
      status: 0,
      stdout: 'thread t1: released\n',
    });
    expect(await run('release python -t t1')).toMatchObject({
      status: 0,
      stdout: 'thread t1: there was no lease to release\n',
    });
    expect(JSON.parse((await run('release python -t t1 -o json')).stdout)).toMatchObject({
      released: false,
    });
  });

  it('shows pools, of one namespace or of all', async () => {
    expect((await run('get pools')).stdout).toBe(
      'NAMESPACE   NAME     READY   LEASED   TOTAL   STATUS\n' +
        'default     python   1/2     1        2       Progressing\n',
    );
    expect((await run('get pools -A')).stdout).toMatch(/other {7}node .* pulling node:24\n/);
    expect((await run('get pools -A -o name')).stdout).toBe('python\nnode\n');
    expect((await run('get pool python -o wide')).stdout).toMatch(/IMAGE\n.* busybox:1\n$/);
  });

  it('shows a pool whose sandboxes are all leased as Exhausted', async () => {
    const status = world.deps.pools.getStatus({ namespace: 'default', name: 'python' });
    if (status === undefined) throw new Error('the world has a status for every pool');
    const exhausted: Condition = {
      type: 'Ready',
      status: 'False',
      reason: 'Exhausted',
      message: 'all leased',
      lastTransitionTime: '2030-01-02T03:04:05Z',
    };
    const pools = {
      ...world.deps.pools,
      getStatus: () => ({ ...status, readyReplicas: 0, conditions: [exhausted] }),
    };
    const full = await listeningGateway(gatewayWorld({ pools }));
    const overrides = { env: { url: full.url } };
    expect((await run('get pools', overrides)).stdout).toMatch(/python +0\/2 +1 +2 +Exhausted\n/);
    expect((await run('top --once', overrides)).stdout).toMatch(/0\/2 .* Exhausted\n/);
    await full.gateway.close(0);
  });

  it('prints JSON and YAML with everything that the reply has', async () => {
    const pool: unknown = JSON.parse((await run('get pool python -o json')).stdout);
    expect(pool).toMatchObject({ kind: 'SandboxPool', spec: { replicas: 2, recycle: {} } });
    expect(parse((await run('get pool python -o yaml')).stdout)).toEqual(pool);
    expect(JSON.parse((await run('get pools -o json')).stdout)).toEqual({ items: [pool] });
  });

  it('shows sandboxes, leases and timelines', async () => {
    await run('lease python -t t1');
    expect((await run('get sandboxes python')).stdout).toBe(
      'NAMESPACE   POOL     NAME       PHASE   LEASES   AGE   THREAD\n' +
        'default     python   python-1   Ready   0        2m    t1\n' +
        'default     python   python-2   Ready   0        2m    -\n',
    );
    expect((await run('get sandboxes -A -o name')).stdout.split('\n')).toHaveLength(5);
    expect((await run('get leases')).stdout).toMatch(/t1 +python-1/);
    expect((await run('get timeline python python-1')).stdout).toMatch(
      /2m +Creating\n.*1m59s +Ready +warm\n$/,
    );
    expect(await run('get timeline python nope')).toMatchObject({ status: 1 });
  });

  it('keeps stdout empty when there is nothing', async () => {
    expect(await run('get leases')).toEqual({ status: 0, stdout: '', stderr: 'Nothing found.\n' });
    expect((await run('get leases -o json')).stdout).toBe('{\n  "items": []\n}\n');
  });

  it('never lets a thread name act on the terminal', async () => {
    await cliRun(['lease', 'python', '-t', '\u001b[31mred\n\u202e'], { env });
    const { stdout } = await run('get leases', { isTty: true });
    expect(stdout).toContain('\\u{1b}[31mred\\n\\u{202e}');
    expect((await run('get leases -o json')).stdout).toContain('\\u001b');
  });

  it('uses colours only on a terminal that wants them, and shortens only there', async () => {
    const long = 'x'.repeat(100);
    await run(`lease python -t ${long}`);
    const painted = await run('get sandboxes', { isTty: true });
    expect(painted.stdout).toContain('\u001b[32mReady\u001b[0m');
    expect(painted.stdout).toContain(`${'x'.repeat(43)}…`);
    for (const overrides of [{ isTty: true, colours: false }, { isTty: false }]) {
      expect((await run('get sandboxes -o wide', overrides)).stdout).not.toContain('\u001b');
      expect((await run('get sandboxes -o wide', overrides)).stdout).toContain(long);
    }
  });

  it('shows the load once, and on a terminal until Ctrl-C', async () => {
    const once = await run('top --once -A');
    expect(once.stdout).toMatch(/WAITING +STATUS\ndefault +python +1\/2 +1 +2 +4 +Progressing\n/);
    const watched = await run('top', {
      isTty: true,
      colours: false,
      onInterrupt: (interrupt) => {
        interrupt();
        return () => undefined;
      },
    });
    expect(watched.status).toBe(0);
    expect(watched.stdout.startsWith('\u001b[H\u001b[JNAMESPACE')).toBe(true);
  });

  it('prints the custom resource definitions', async () => {
    const { status, stdout } = await run('crd');
    expect(status).toBe(0);
    expect(parse(stdout)).toMatchObject({ kind: 'CustomResourceDefinition' });
  });

  it.each(['bash', 'zsh', 'fish'])('prints a completion script for %s', async (shell) => {
    const { status, stdout } = await run(`completion ${shell}`);
    expect(status).toBe(0);
    expect(stdout).toContain('warmpool __complete --');
  });

  it.each([
    ['__complete -- ex', /^exec\n/m],
    ['__complete -- exec p', /^python\n$/],
    ['__complete -- get leases ', /^python\n$/],
    ['__complete -- get ', /^sandboxes\n/m],
    ['__complete -- exec python --th', /^--thread\n/m],
    ['__complete -- lease -n other ', /^$/],
    ['__complete -- completion ', /^bash\n/],
  ])('completes: %s', async (line, expected) => {
    const { status, stdout, stderr } = await run(line);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(expected);
  });

  it('completes silently when nobody is there', async () => {
    await gateway.close(0);
    expect(await run('__complete -- exec ')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('explains itself', async () => {
    const help = await run('--help');
    expect(help.status).toBe(0);
    for (const name of ['exec', 'lease', 'release', 'get', 'top', 'crd', 'completion']) {
      expect(help.stdout).toContain(`  ${name}`);
    }
    expect(help.stdout).not.toContain('__complete');
    expect(await run('--version')).toMatchObject({ status: 0, stdout: '1.2.3\n' });
    expect((await run('exec --help')).stdout).toContain('Examples:');
  });

  it('presents the token of the environment, and says how to when it is missing', async () => {
    const { gateway: guarded, url } = await listeningGateway(gatewayWorld({ token: 's3cret' }));
    expect(await run('get pools', { env: { url, token: 's3cret' } })).toMatchObject({ status: 0 });
    const refused = await run('get pools', { env: { url } });
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining('WARMPOOL_TOKEN'),
    ]);
    await guarded.close(0);
  });

  it('adds the up command that it is given', async () => {
    const { status } = await run('up', {
      makeUp: (program, done) => void program.command('up').action(() => done(42)),
    });
    expect(status).toBe(42);
  });
});
