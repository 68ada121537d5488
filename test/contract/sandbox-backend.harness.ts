import { text } from 'node:stream/consumers';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PodTemplate } from '../../src/api/pod-template.js';
import type { PoolKey } from '../../src/api/pool-key.js';
import { templateHash } from '../../src/core/pool/template-hash.js';
import type {
  BackendHint,
  CreateSandbox,
  ExecEnd,
  ExecSpec,
  ObservedSandbox,
  SandboxBackend,
} from '../../src/ports/sandbox-backend.js';

/** One backend under contract, and what a test needs to look behind its back. */
export interface BackendHarness {
  readonly backend: SandboxBackend;
  /** A sandbox of it stays up and has `sh`. */
  readonly template: PodTemplate;
  /** A uid of the backend's form that nobody has. */
  readonly unknownUid: string;
  /** Somebody else removes the sandbox. */
  readonly vanish: (uid: string) => Promise<void>;
  /** The first process of the sandbox is killed; the sandbox stays, stopped. */
  readonly kill: (uid: string) => Promise<void>;
  /** Lets go of everything and removes what is left. */
  readonly close: () => Promise<void>;
}

/** What a backend may lack: its clauses are then left out, in sight. */
export interface BackendCapabilities {
  /** Templates that it must refuse to create. */
  readonly failing?: { readonly missingImage: PodTemplate; readonly badCommand: PodTemplate };
  /** Execs as another user. */
  readonly users: boolean;
  readonly terminals: boolean;
}

export const POOL: PoolKey = { namespace: 'default', name: 'contract' };

let requests = 0;

/** A request for a sandbox of a name not used before. */
export const aRequest = (template: PodTemplate): CreateSandbox => {
  requests += 1;
  const name = `wp-contract-${process.pid}-${requests}`;
  return { name, pool: POOL, template, templateHash: templateHash(template) };
};

/** The value, or a failed test that shows the error. */
export const succeed = async <A>(task: TaskEither<unknown, A>): Promise<A> => {
  const result = await task();
  if (E.isRight(result)) return result.right;
  throw new Error(`failed: ${JSON.stringify(result.left)}`);
};

/** The error, or a failed test. */
export const failure = async <Problem>(task: TaskEither<Problem, unknown>): Promise<Problem> => {
  const result = await task();
  if (E.isLeft(result)) return result.left;
  throw new Error('did not fail');
};

export const find = async (
  backend: SandboxBackend,
  uid: string,
): Promise<ObservedSandbox | undefined> =>
  (await succeed(backend.list)).find((sandbox) => sandbox.uid === uid);

export interface ExecOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: ExecEnd;
}

/** Runs one exec to its end; with `input`, writes that and closes stdin. */
export const run = async (
  backend: SandboxBackend,
  uid: string,
  spec: Partial<ExecSpec> & Pick<ExecSpec, 'argv'>,
  input?: string,
): Promise<ExecOutcome> => {
  const stream = await succeed(backend.openExec(uid, { stdin: input !== undefined, ...spec }));
  if (input !== undefined) stream.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(stream.stdout), text(stream.stderr)]);
  return { stdout, stderr, end: await stream.ended };
};

export const sh = (script: string): { readonly argv: readonly string[] } => ({
  argv: ['sh', '-c', script],
});

/** Watches a backend and lets tests wait for hints. */
export const listen = (backend: SandboxBackend) => {
  const heard: BackendHint[] = [];
  const waiting = new Set<() => void>();
  const controller = new AbortController();
  const stopped = backend.watch((hint) => {
    heard.push(hint);
    for (const look of waiting) look();
  }, controller.signal);
  return {
    heard,
    /** Resolves with the first hint, past or to come, that is wanted; counts from `after`. */
    hint: (wanted: (hint: BackendHint) => boolean, after = 0): Promise<BackendHint> =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = heard.slice(after).find(wanted);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    stop: async (): Promise<void> => {
      controller.abort();
      await stopped;
    },
  };
};

export const about =
  (uid: string) =>
  (hint: BackendHint): boolean =>
    hint.type === 'SandboxChanged' && hint.uid === uid;
