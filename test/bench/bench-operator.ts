import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/setup/free-port.js';
import { type OperatorProcess, startOperator } from '../../src/setup/operator-process.js';

/** Name of the one pool that each operator here has. */
export const POOL = 'bench';

/** Long enough for a cold engine on a slow disk. */
const READY_LIMIT_MS = 180_000;

/**
 * A pool whose sandboxes are used again, so that acquire and release can be measured hundreds of times.
 * The ceiling leaves room for the one thread that keeps its sandbox, and for no other: containers that
 * come and go behind the leases would be in the way of what is measured next.
 */
export const manifestText = (image: string, replicas: number): string => `
apiVersion: warmpool.dev/v1alpha1
kind: SandboxPool
metadata: { name: ${POOL} }
spec:
  replicas: ${replicas}
  maxSandboxes: ${replicas + 1}
  template:
    spec:
      containers:
        - name: sandbox
          image: ${image}
          imagePullPolicy: IfNotPresent
  lease: { durationSeconds: 3600, idleTimeoutSeconds: 3600 }
  recycle: { onRelease: Reuse, maxLeases: 100000 }
  exec: { timeoutSeconds: 600 }
`;

/** A directory with the manifest in it and room for state; `remove` it at the end. */
export const benchDirectory = (image: string, replicas: number) => {
  const path = mkdtempSync(join(tmpdir(), 'warmpool-bench-'));
  const manifest = join(path, 'pool.yaml');
  writeFileSync(manifest, manifestText(image, replicas));
  return {
    manifest,
    state: join(path, 'state'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
};

/** Waits until `enough()`; asking costs the operator a little, so this never runs inside a measurement. */
export const waitUntil = async (
  what: string,
  enough: () => Promise<boolean>,
  options: { readonly everyMs: number; readonly limitMs: number } = {
    everyMs: 20,
    limitMs: READY_LIMIT_MS,
  },
): Promise<void> => {
  const deadline = performance.now() + options.limitMs;
  while (!(await enough().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${options.limitMs} ms`);
    await sleep(options.everyMs);
  }
};

export interface BenchOperator {
  readonly url: string;
  readonly process: OperatorProcess;
  /** Ends it, its sandboxes and its directory. */
  readonly stop: () => Promise<void>;
}

/** `warmpool up` from the compiled program, as users run it. */
export const startBenchOperator = async (options: {
  readonly image: string;
  readonly replicas: number;
  readonly dockerHost: string;
}): Promise<BenchOperator> => {
  const directory = benchDirectory(options.image, options.replicas);
  const listen = `127.0.0.1:${await freePort()}`;
  const operator = startOperator({
    program: join(process.cwd(), 'dist', 'main.js'),
    manifest: directory.manifest,
    stateDirectory: directory.state,
    listen,
    dockerHost: options.dockerHost,
    showLog: false,
  });
  return {
    url: `http://${listen}`,
    process: operator,
    stop: async () => {
      await operator.stop();
      directory.remove();
    },
  };
};
