import { setTimeout as sleep } from 'node:timers/promises';
import * as E from 'fp-ts/lib/Either.js';
import type { DemoHttp } from './demo-http.js';
import { progressOf } from './progress.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/** The pool of the demo. */
export const DEMO_POOL = 'python';
const REPLICAS = 3;
/** An image may have to be pulled over a slow line. */
const READY_LIMIT_MS = 300_000;
const LOOK_EVERY_MS = 100;

/** The manifest of the pool, with sandboxes of this image. */
export const demoManifest = (image: string): string => `apiVersion: warmpool.dev/v1alpha1
kind: SandboxPool
metadata:
  name: ${DEMO_POOL}
spec:
  replicas: ${REPLICAS}
  template:
    spec:
      containers:
        - name: sandbox
          image: ${image}
          imagePullPolicy: IfNotPresent
`;

/** Waits until the pool is full, saying what it waits for; Left when the operator ends or the time is over. */
export const waitForPool = async (
  http: DemoHttp,
  signal: AbortSignal,
): Promise<E.Either<SetupFailed, void>> => {
  const progress = progressOf('pool');
  const deadline = performance.now() + READY_LIMIT_MS;
  let said = '';
  while (performance.now() < deadline) {
    if (signal.aborted) return E.left(setupFailed('interrupted'));
    const readiness = await http.readiness();
    if (E.isRight(readiness)) {
      const { ready, remark } = readiness.right;
      const line = `${ready} of ${REPLICAS} sandboxes ready${remark === undefined ? '' : ` (${remark})`}`;
      if (line !== said) progress(line);
      said = line;
      if (ready >= REPLICAS) return E.right(undefined);
    }
    await sleep(LOOK_EVERY_MS);
  }
  return E.left(setupFailed(`the pool is not full after ${READY_LIMIT_MS / 1_000} s`));
};
