import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeInstallation } from './docker.js';

const MAIN = resolve('dist/main.js');

/** How long a test waits for the real engine: this machine may be busy with other tests. */
export const PATIENCE_MS = 90_000;

/** Waits until `look` gives something other than undefined or false; fails with `what` after a long time. */
export const eventually = async <A>(
  what: string,
  look: () => Promise<A | undefined | false> | A | undefined | false,
  patienceMs = PATIENCE_MS,
): Promise<A> => {
  const deadline = Date.now() + patienceMs;
  let last = '';
  while (Date.now() < deadline) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
    } catch (error) {
      last = ` (${String(error)})`;
    }
    await pause(50);
  }
  throw new Error(`waited in vain for: ${what}${last}`);
};

export const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

export interface PoolOptions {
  readonly name?: string;
  readonly image?: string;
  readonly replicas?: number;
  /** Lines of YAML below `spec:`, two spaces in. */
  readonly spec?: string;
  /** Lines of YAML of the container, ten spaces in. */
  readonly container?: string;
}

/** A manifest with small sandboxes that stop at once. */
export const poolManifest = (
  options: PoolOptions = {},
): string => `apiVersion: warmpool.dev/v1alpha1
kind: SandboxPool
metadata:
  name: ${options.name ?? 'box'}
spec:
  replicas: ${options.replicas ?? 1}
${options.spec ?? ''}
  template:
    spec:
      containers:
        - name: sandbox
          image: ${options.image ?? 'warmpool.local/busybox:1'}
          resources: { limits: { cpu: "1", memory: 64Mi } }
${options.container ?? ''}
`;

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `warmpool` with these words to its end. */
export const warmpool = (
  words: readonly string[],
  options: { readonly env?: Record<string, string>; readonly stdin?: string } = {},
): Promise<Finished> =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, ...words], {
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (out.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (out.stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
    child.on('error', fail);
    child.on('close', (status) => done({ status, ...out }));
  });

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The body as JSON. */
  readonly json: () => Record<string, unknown>;
}

/** An operator of its own for a test: own state, own port, own manifest. */
export interface OperatorProcess {
  readonly url: string;
  readonly manifest: string;
  readonly state: string;
  readonly directory: string;
  /** Everything it logged so far. */
  readonly log: () => string;
  readonly writeManifest: (text: string) => void;
  readonly start: (extra?: readonly string[], env?: Record<string, string>) => Promise<void>;
  /** Sends the signal and waits for the end; the exit status. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>;
  readonly running: () => boolean;
  readonly request: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Reply>;
  readonly exec: (thread: string, body: unknown, pool?: string) => Promise<Reply>;
  readonly cli: (words: readonly string[], stdin?: string) => Promise<Finished>;
  /** The pool as the HTTP interface shows it. */
  readonly status: (pool?: string) => Promise<Record<string, unknown>>;
  readonly warm: (count: number, pool?: string) => Promise<void>;
  readonly sandboxes: (pool?: string) => Promise<readonly Record<string, unknown>[]>;
  /** Stops it, removes all its sandboxes and files. */
  readonly dispose: () => Promise<void>;
}

const poolPath = (pool: string): string => `/v1/namespaces/default/pools/${pool}`;

export const threadPath = (thread: string, pool = 'box'): string =>
  `${poolPath(pool)}/threads/${encodeURIComponent(thread)}`;

export const createOperatorProcess = async (
  manifest = poolManifest(),
): Promise<OperatorProcess> => {
  const directory = mkdtempSync(join(tmpdir(), 'warmpool-e2e-'));
  const file = join(directory, 'pool.yaml');
  const state = join(directory, 'state');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let log = '';
  writeFileSync(file, manifest);

  const keepLog = (chunk: Buffer): void => void (log += chunk.toString());
  const alive = (): boolean =>
    child !== undefined && child.exitCode === null && child.signalCode === null;

  const operator: OperatorProcess = {
    url,
    manifest: file,
    state,
    directory,
    log: () => log,
    writeManifest: (text) => writeFileSync(file, text),
    start: async (extra = [], env = {}) => {
      const started = spawn(
        process.execPath,
        [MAIN, 'up', '-f', file, '--state', state, '--listen', `127.0.0.1:${port}`, ...extra],
        {
          env: { ...process.env, WARMPOOL_LOG_FORMAT: 'json', ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      child = started;
      started.stdout.on('data', keepLog);
      started.stderr.on('data', keepLog);
      await eventually('the operator to answer', async () => {
        if (!alive()) throw new Error(`the operator ended: ${log}`);
        return (await fetch(`${url}/healthz`)).ok;
      });
    },
    stop: (signal = 'SIGTERM') =>
      new Promise((done) => {
        if (child === undefined || !alive()) return done(child?.exitCode ?? null);
        child.on('exit', (status) => done(status));
        child.kill(signal);
      }),
    running: alive,
    request: async (method, path, body, headers = {}) => {
      const reply = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await reply.text();
      return {
        status: reply.status,
        headers: reply.headers,
        body: text,
        json: () => JSON.parse(text) as Record<string, unknown>,
      };
    },
    exec: (thread, body, pool = 'box') =>
      operator.request('POST', `${threadPath(thread, pool)}/exec`, body),
    cli: (words, stdin) =>
      warmpool(words, { env: { WARMPOOL_URL: url }, ...(stdin === undefined ? {} : { stdin }) }),
    status: async (pool = 'box') => {
      const seen = (await operator.request('GET', poolPath(pool))).json()['status'];
      return (seen ?? {}) as Record<string, unknown>;
    },
    warm: async (count, pool = 'box') => {
      await eventually(`${count} warm sandboxes of ${pool}`, async () => {
        return (await operator.status(pool))['readyReplicas'] === count;
      });
    },
    sandboxes: async (pool = 'box') => {
      const items = (await operator.request('GET', `${poolPath(pool)}/sandboxes`)).json()['items'];
      return items as readonly Record<string, unknown>[];
    },
    dispose: async () => {
      if (alive()) await operator.stop('SIGKILL');
      if (existsSync(join(state, 'installation'))) {
        await removeInstallation(readFileSync(join(state, 'installation'), 'utf8').trim());
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return operator;
};
