import type { Either } from 'fp-ts/lib/Either.js';
import * as E from 'fp-ts/lib/Either.js';
import type { PodTemplate } from '../../src/api/pod-template.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Random } from '../../src/ports/random.js';
import type {
  BackendError,
  BackendHint,
  BackendUnavailable,
  CreateError,
  CreateSandbox,
  ObservedSandbox,
  SandboxBackend,
  TemplateProblem,
} from '../../src/ports/sandbox-backend.js';
import { createFakeExec } from './fake-exec.js';

export type FakeMethod = 'ping' | 'list' | 'create' | 'destroy' | 'openExec';

/** What a scripted call answers; undefined lets the call through. */
type Fault = (subject: string) => BackendError | CreateError | undefined;

export interface FakeBackend extends SandboxBackend {
  /** How often each method was called since the start, refused calls included. */
  readonly calls: Readonly<Record<FakeMethod, number>>;
  /** All sandboxes as they really are, seen past every lag and outage. */
  readonly sandboxes: () => readonly ObservedSandbox[];
  /** The names asked for, in order, twice if asked twice. */
  readonly creations: () => readonly string[];
  /** Milliseconds that each call of a method takes on the fake's clock (0 at first: an answer at once). */
  readonly setDelay: (method: FakeMethod, ms: number) => void;
  /** `list` shows the world as it was so many milliseconds ago: own writes stay hidden until it catches up. */
  readonly setListLag: (ms: number) => void;
  /** Each of the next `times` calls of a method fails so; without `times` until `heal`. A function decides by the subject: name (create) or uid. */
  readonly fail: (
    method: FakeMethod,
    fault: BackendError | CreateError | Fault,
    times?: number,
  ) => void;
  readonly heal: (method: FakeMethod) => void;
  /** No call is answered and no hint comes until `recover`, which then hints that everything may have changed. */
  readonly outage: () => void;
  readonly recover: () => void;
  /** The sandbox stops by itself. Hints, unless `silently`. */
  readonly kill: (uid: string, reason?: string, options?: { readonly silently?: boolean }) => void;
  /** Somebody else removes the sandbox. Hints, unless `silently`. */
  readonly vanish: (uid: string, options?: { readonly silently?: boolean }) => void;
  /** A sandbox that is there without having been asked for in this life of the operator. */
  readonly plant: (sandbox: ObservedSandbox) => void;
  /** Templates that hold a problem are refused by `checkTemplate`. */
  readonly refuseTemplates: (check: (template: PodTemplate) => readonly TemplateProblem[]) => void;
  readonly hint: (hint: BackendHint) => void;
  /** Kills every process that execs started here. */
  readonly close: () => void;
}

const unavailable: BackendUnavailable = {
  type: 'BackendUnavailable',
  message: 'the fake engine is down',
};

interface Version {
  readonly at: number;
  /** Absent once removed. */
  readonly sandbox?: ObservedSandbox;
}

interface Script {
  readonly fault: Fault;
  left: number;
}

/** Faults are scripted by tests, which know the errors of each method. */
const asBackendError = (error: BackendError | CreateError): BackendError =>
  error.type === 'BackendUnavailable' || error.type === 'BackendRefused'
    ? error
    : { type: 'BackendRefused', message: error.message };

type TemplateCheck = (template: PodTemplate) => readonly TemplateProblem[];
const noProblems: TemplateCheck = () => [];

/** A backend in memory: creates at once unless told otherwise, and fails only as it is told to. */
export const createFakeBackend = (options: {
  readonly clock: Clock;
  readonly random?: Random;
}): FakeBackend => {
  const { clock, random } = options;
  const history = new Map<string, Version[]>();
  const calls = { ping: 0, list: 0, create: 0, destroy: 0, openExec: 0 };
  const delays = new Map<FakeMethod, number>();
  const scripts = new Map<FakeMethod, Script[]>();
  const listeners = new Set<(hint: BackendHint) => void>();
  const creations: string[] = [];
  const exec = createFakeExec();
  let listLag = 0;
  let down = false;
  let made = 0;
  let check = noProblems;

  const latest = (uid: string): ObservedSandbox | undefined => history.get(uid)?.at(-1)?.sandbox;
  const truth = (): readonly ObservedSandbox[] =>
    [...history.keys()].flatMap((uid) => latest(uid) ?? []);
  const write = (uid: string, sandbox?: ObservedSandbox): void => {
    const versions = history.get(uid) ?? [];
    versions.push({ at: clock.now(), ...(sandbox === undefined ? {} : { sandbox }) });
    history.set(uid, versions);
  };
  const seenAt = (at: number): readonly ObservedSandbox[] =>
    [...history.values()].flatMap(
      (versions) => versions.findLast((version) => version.at <= at)?.sandbox ?? [],
    );
  const hint = (value: BackendHint): void => {
    if (down) return;
    for (const listener of listeners) listener(value);
  };
  const changed = (sandbox: ObservedSandbox): void =>
    hint({ type: 'SandboxChanged', pool: sandbox.pool, uid: sandbox.uid });

  const fault = (method: FakeMethod, subject: string): BackendError | CreateError | undefined => {
    if (down) return unavailable;
    for (const script of scripts.get(method) ?? []) {
      if (script.left <= 0) continue;
      const error = script.fault(subject);
      if (error === undefined) continue;
      script.left -= 1;
      return error;
    }
    return undefined;
  };
  const pause = async (method: FakeMethod): Promise<void> => {
    const ms = delays.get(method) ?? 0;
    if (ms > 0) await new Promise<void>((resolve) => void clock.setTimer(ms, resolve));
  };
  /** Waits as long as the method takes, then fails as scripted or does the work. */
  const call = async <A>(
    method: FakeMethod,
    subject: string,
    work: () => A,
  ): Promise<Either<BackendError | CreateError, A>> => {
    calls[method] += 1;
    await pause(method);
    const error = fault(method, subject);
    return error === undefined ? E.right(work()) : E.left(error);
  };

  const make = (request: CreateSandbox): ObservedSandbox => {
    const there = truth().find((sandbox) => sandbox.name === request.name);
    if (there !== undefined) return there;
    made += 1;
    const sandbox: ObservedSandbox = {
      uid: `uid-${made}-${random?.token(4) ?? 'fake'}`,
      name: request.name,
      pool: request.pool,
      templateHash: request.templateHash,
      createdAt: clock.now(),
      state: 'Running',
    };
    write(sandbox.uid, sandbox);
    changed(sandbox);
    return sandbox;
  };
  const drop = (uid: string): void => {
    const sandbox = latest(uid);
    exec.end(uid);
    if (sandbox === undefined) return;
    write(uid);
    changed(sandbox);
  };
  const silently = (quiet: boolean | undefined, run: () => void): void => {
    const heard = [...listeners];
    if (quiet === true) listeners.clear();
    run();
    for (const listener of heard) listeners.add(listener);
  };
  return {
    kind: 'fake',
    calls,
    sandboxes: truth,
    creations: () => creations,
    checkTemplate: (template) => {
      const problems = check(template);
      return problems.length === 0 ? E.right(undefined) : E.left(problems);
    },
    ping: async () => E.mapLeft(asBackendError)(await call('ping', '', () => undefined)),
    list: async () => {
      const began = clock.now();
      const seen = await call('list', '', () => seenAt(began - listLag));
      return E.mapLeft(asBackendError)(seen);
    },
    create: (request, onProgress) => async () => {
      creations.push(request.name);
      onProgress?.(`creating ${request.name}`);
      return call('create', request.name, () => make(request));
    },
    destroy: (uid) => async () =>
      E.mapLeft(asBackendError)(await call('destroy', uid, () => drop(uid))),
    openExec: (uid, spec) => async () => {
      const opened = await call('openExec', uid, () => latest(uid)?.state === 'Running');
      if (E.isLeft(opened)) return E.left(asBackendError(opened.left));
      return opened.right
        ? exec.open(uid, spec)
        : E.left({ type: 'SandboxGone', message: `no running sandbox ${uid}`, uid });
    },
    watch: async (onHint, signal) => {
      if (signal.aborted) return;
      listeners.add(onHint);
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      listeners.delete(onHint);
    },
    setDelay: (method, ms) => void delays.set(method, ms),
    setListLag: (ms) => {
      listLag = ms;
    },
    fail: (method, given, times = Number.POSITIVE_INFINITY) => {
      const script = { fault: typeof given === 'function' ? given : () => given, left: times };
      scripts.set(method, [...(scripts.get(method) ?? []), script]);
    },
    heal: (method) => void scripts.delete(method),
    outage: () => {
      down = true;
    },
    recover: () => {
      down = false;
      hint({ type: 'EverythingMayHaveChanged' });
    },
    kill: (uid, reason = 'exited with status 137', quiet) => {
      const sandbox = latest(uid);
      if (sandbox === undefined) return;
      exec.end(uid);
      write(uid, { ...sandbox, state: 'Stopped', reason });
      silently(quiet?.silently, () => changed(sandbox));
    },
    vanish: (uid, quiet) => silently(quiet?.silently, () => drop(uid)),
    plant: (sandbox) => write(sandbox.uid, sandbox),
    refuseTemplates: (next) => {
      check = next;
    },
    hint,
    close: exec.endAll,
  };
};
