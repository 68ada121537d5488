import * as E from 'fp-ts/lib/Either.js';
import { type PoolKey, poolKeyText } from '../../api/pool-key.js';
import type { CheckTemplate, ManifestProblem } from '../../api/read-manifests.js';
import type { SandboxPoolStatus } from '../../api/sandbox-pool.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { PoolStore, StoredPool } from '../../ports/pool-store.js';
import { type ManifestFiles, readManifestFiles } from './manifest-files.js';
import { nextGenerations } from './manifest-generations.js';
import { reportProblems } from './manifest-report.js';
import { EMPTY_MANIFEST_SET, type ManifestSet, nextManifestSet } from './manifest-set.js';
import { type LookOutcome, runManifestWatcher } from './manifest-watcher.js';

/** A pool store over manifest files, which follows them while somebody watches. */
export interface FilePoolStore extends PoolStore {
  /** What is wrong with the files as they are now; pools they had before stay in effect. */
  readonly problems: () => readonly ManifestProblem[];
  /** Looks at the files now. A change counts once two looks in a row see the same, so that a file that is being written is not taken for what it is not. */
  readonly look: () => Promise<LookOutcome>;
}

export interface FilePoolStoreOptions {
  /** Files, or directories of `*.yaml`, `*.yml` and `*.json`. */
  readonly paths: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the backend cannot honour in a template; everything is fine without. */
  readonly checkTemplate?: CheckTemplate;
}

const missingFiles = ({ files }: ManifestFiles): readonly ManifestProblem[] =>
  [...files].flatMap(([file, found]) =>
    found.type === 'Missing'
      ? [{ file, line: 1, path: '', message: 'is not there: no such file or directory' }]
      : [],
  );

const poolsOf = ({ pools }: ManifestSet) => [...pools.values()].map(({ pool }) => pool);

/** Reads the manifests; on the left is all that is wrong with them. */
export const createFilePoolStore = async (
  options: FilePoolStoreOptions,
): Promise<E.Either<readonly ManifestProblem[], FilePoolStore>> => {
  const { paths, clock, logger, checkTemplate } = options;
  const first = await readManifestFiles(paths);
  let set = nextManifestSet({ before: EMPTY_MANIFEST_SET, files: first.files, checkTemplate });
  const problems = [...missingFiles(first), ...set.problems];
  if (problems.length > 0) return E.left(problems);

  let pools: ReadonlyMap<string, StoredPool> = nextGenerations(new Map(), poolsOf(set)).pools;
  let applied = first.fingerprint;
  let seen: string | undefined;
  const statuses = new Map<string, SandboxPoolStatus>();
  const listeners = new Set<(key: PoolKey) => void>();

  const apply = (found: ManifestFiles): void => {
    const before = set.problems;
    set = nextManifestSet({ before: set, files: found.files, checkTemplate });
    applied = found.fingerprint;
    reportProblems(logger, { before, after: set.problems });
    const generations = nextGenerations(pools, poolsOf(set));
    pools = generations.pools;
    for (const { key, type } of generations.changes) {
      logger.info({ pool: poolKeyText(key), change: type }, 'pool manifest took effect');
      if (type === 'Removed') statuses.delete(poolKeyText(key));
      for (const listener of listeners) listener(key);
    }
  };
  const lookOnce = async (): Promise<LookOutcome> => {
    const found = await readManifestFiles(paths);
    const settled = found.fingerprint === seen;
    seen = found.fingerprint;
    if (found.fingerprint === applied) return 'Unchanged';
    if (!settled) return 'Settling';
    apply(found);
    return 'Applied';
  };
  let turn: Promise<unknown> = Promise.resolve();
  const look = (): Promise<LookOutcome> => {
    // One look at a time: an older one must never be applied over a newer one.
    const mine = turn.then(lookOnce, lookOnce);
    turn = mine.catch(() => undefined);
    return mine;
  };

  let following: { readonly stop: () => void; readonly ended: Promise<void> } | undefined;
  const follow = () => {
    const controller = new AbortController();
    const ended = runManifestWatcher({ paths, clock, logger, look }, controller.signal);
    return { stop: () => controller.abort(), ended };
  };
  const watch = async (onChange: (key: PoolKey) => void, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return;
    // A listener of its own, though the same function may be given twice.
    const listener = (key: PoolKey): void => onChange(key);
    listeners.add(listener);
    following ??= follow();
    const mine = following;
    const aborted = new Promise<void>((done) => {
      signal.addEventListener('abort', () => done(), { once: true });
    });
    try {
      await Promise.race([aborted, mine.ended]);
    } finally {
      listeners.delete(listener);
      if (listeners.size === 0) {
        following = undefined;
        mine.stop();
      }
    }
    if (listeners.size === 0) await mine.ended;
  };

  return E.right({
    get: (key) => pools.get(poolKeyText(key)),
    list: () => [...pools.values()],
    putStatus: (key, status) => {
      if (pools.has(poolKeyText(key))) statuses.set(poolKeyText(key), status);
    },
    getStatus: (key) => statuses.get(poolKeyText(key)),
    watch,
    problems: () => set.problems,
    look,
  });
};
