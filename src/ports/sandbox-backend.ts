import type { Readable, Writable } from 'node:stream';
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { PodTemplate } from '../api/pod-template.js';
import type { PoolKey } from '../api/pool-key.js';

/** The backend cannot be reached, or did not answer in time. Worth another try later. */
export interface BackendUnavailable {
  readonly type: 'BackendUnavailable';
  readonly message: string;
  readonly cause?: unknown;
}

/** The backend answered with a refusal that this program did not expect. */
export interface BackendRefused {
  readonly type: 'BackendRefused';
  readonly message: string;
  readonly cause?: unknown;
}

/** The image is not there and may not, or cannot, be pulled. */
export interface ImageMissing {
  readonly type: 'ImageMissing';
  readonly message: string;
  readonly image: string;
  readonly cause?: unknown;
}

/** The sandbox was made but would not start: a wrong command, a refused resource, a name taken by a stranger. */
export interface StartFailed {
  readonly type: 'StartFailed';
  readonly message: string;
  readonly cause?: unknown;
}

/** There is no running sandbox of that uid (any more). */
export interface SandboxGone {
  readonly type: 'SandboxGone';
  readonly message: string;
  readonly uid: string;
}

export type BackendError = BackendUnavailable | BackendRefused;
export type CreateError = BackendError | ImageMissing | StartFailed;
export type ExecOpenError = BackendError | SandboxGone;

/** A template field that this backend has no counterpart for, or a value that it cannot honour. */
export interface TemplateProblem {
  /** Where, from the pool's root: `spec.template.spec.hostNetwork`. */
  readonly path: string;
  readonly message: string;
}

/** One sandbox as the backend shows it; the backend is the source of truth for what exists. */
export interface ObservedSandbox {
  /** Identity: never used twice (container id, pod uid). */
  readonly uid: string;
  readonly name: string;
  readonly pool: PoolKey;
  /** Hash of the template that it was made from. */
  readonly templateHash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** `Starting` until its processes run; `Stopped` once they have ended, for whatever reason. */
  readonly state: 'Starting' | 'Running' | 'Stopped';
  /** Why it stopped, for people: `exited with status 137 (out of memory)`. */
  readonly reason?: string;
}

export interface CreateSandbox {
  /** Deterministic: asking for the same name twice makes one sandbox. */
  readonly name: string;
  readonly pool: PoolKey;
  readonly template: PodTemplate;
  readonly templateHash: string;
}

/** What to run in a sandbox by the backend's own exec. */
export interface ExecSpec {
  readonly argv: readonly string[];
  /** Absolute; the sandbox's own working directory when absent. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `name`, `uid` or `uid:gid`; the template's user when absent. */
  readonly user?: string;
  /** Whether the command reads from `stdin`; without it stdin is empty. */
  readonly stdin: boolean;
  /** A terminal: output then comes on stdout alone. */
  readonly tty?: { readonly columns: number; readonly rows: number };
}

export type ExecEnd =
  /** The process ended and the backend said how. `exitCode` is 0..255 (128 + signal when killed). */
  | { readonly type: 'Exited'; readonly exitCode: number }
  /** The stream ended and nobody knows how the process did: never to be taken for success. */
  | { readonly type: 'Lost'; readonly message: string };

/**
 * An exec under way. stdout and stderr are raw bytes with backpressure: not reading them holds the
 * process back. Both streams end before `ended` resolves; neither emits 'error'.
 */
export interface ExecStream {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects, always resolves: also after `close`, and when the engine dies. */
  readonly ended: Promise<ExecEnd>;
  /** Lets go of the stream. Does not kill the process (a shell whose stdin ends does exit). Idempotent. */
  readonly close: () => void;
}

/** Something changed: look again. A hint may be lost or come twice; the periodic relist makes up for it. */
export type BackendHint =
  | { readonly type: 'SandboxChanged'; readonly pool: PoolKey; readonly uid: string }
  /** The connection was lost or made anew: anything may have changed. */
  | { readonly type: 'EverythingMayHaveChanged' };

/** Progress of a long creation, for people: `pulling python:3.13-alpine: 12 of 48 MB`. */
export type OnProgress = (message: string) => void;

/**
 * Where sandboxes live. Speaks no engine's types. Every method may be called twice with the same
 * effect as once, and settles within a bounded time. Only sandboxes that this installation made are
 * ever listed or touched. `test/contract/sandbox-backend.contract.ts` defines the behaviour.
 */
export interface SandboxBackend {
  /** `docker`, …: for logs and for people. */
  readonly kind: string;
  /** Fields of the template that this backend cannot honour; pure. */
  readonly checkTemplate: (template: PodTemplate) => Either<readonly TemplateProblem[], void>;
  /** Whether the backend answers. */
  readonly ping: TaskEither<BackendError, void>;
  /** All sandboxes of this installation, whatever their pool and state. */
  readonly list: TaskEither<BackendError, readonly ObservedSandbox[]>;
  /** Pulls the image if the template's policy wants it, makes the sandbox, starts it. One of that name and template hash that is there already is started if need be and returned. */
  readonly create: (
    request: CreateSandbox,
    onProgress?: OnProgress,
  ) => TaskEither<CreateError, ObservedSandbox>;
  /** Removes the sandbox and its processes, its anonymous volumes too. Already gone is success. */
  readonly destroy: (uid: string) => TaskEither<BackendError, void>;
  readonly openExec: (uid: string, spec: ExecSpec) => TaskEither<ExecOpenError, ExecStream>;
  /** Sends hints until `signal` aborts, reconnecting by itself. Resolves once stopped; never rejects. */
  readonly watch: (onHint: (hint: BackendHint) => void, signal: AbortSignal) => Promise<void>;
}
