import { dirname, resolve } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { poolKeyText } from '../../api/pool-key.js';
import {
  type CheckTemplate,
  type LocatedPool,
  type ManifestProblem,
  readLocatedPools,
} from '../../api/read-manifests.js';
import type { SandboxPool } from '../../api/sandbox-pool.js';
import { assertNever } from '../../core/assert-never.js';
import type { ManifestFile } from './manifest-files.js';

/** What a set of manifest files says, taken together. */
export interface ManifestSet {
  /** What each file last said when it was in order. */
  readonly lastGood: ReadonlyMap<string, readonly LocatedPool[]>;
  /** The pools in effect, by `namespace/name`. */
  readonly pools: ReadonlyMap<string, OwnedPool>;
  readonly problems: readonly ManifestProblem[];
}

interface OwnedPool {
  readonly file: string;
  readonly pool: SandboxPool;
  readonly at: ManifestProblem;
}

export const EMPTY_MANIFEST_SET: ManifestSet = {
  lastGood: new Map(),
  pools: new Map(),
  problems: [],
};

type FileReading = E.Either<readonly ManifestProblem[], readonly LocatedPool[]>;

const readFile = (
  file: string,
  found: ManifestFile,
  checkTemplate: CheckTemplate | undefined,
): FileReading => {
  switch (found.type) {
    case 'Content':
      return readLocatedPools(found.bytes, file, checkTemplate);
    case 'Missing':
      return E.right([]);
    case 'Unreadable':
      return E.left([{ file, line: 1, path: '', message: found.message }]);
    default:
      return assertNever(found);
  }
};

/** Files of a directory that cannot be listed at present: nobody knows whether they are still there. */
const hiddenFiles = (
  before: ManifestSet,
  files: ReadonlyMap<string, ManifestFile>,
): readonly string[] => {
  const unlisted = [...files]
    .filter(([, found]) => found.type === 'Unreadable')
    .map(([path]) => resolve(path));
  return [...before.lastGood.keys()].filter(
    (file) => !files.has(file) && unlisted.includes(dirname(resolve(file))),
  );
};

/** One pool in two files: the file that had it keeps it, otherwise the first one. */
const merge = (
  before: ManifestSet,
  lastGood: ReadonlyMap<string, readonly LocatedPool[]>,
): Pick<ManifestSet, 'pools' | 'problems'> => {
  const claims = [...lastGood].flatMap(([file, pools]) =>
    pools.map((located) => ({ file, located, key: poolKeyText(located.pool.metadata) })),
  );
  const held = claims.filter(({ file, key }) => before.pools.get(key)?.file === file);
  const others = claims.filter((claim) => !held.includes(claim));
  const pools = new Map<string, OwnedPool>();
  const problems: ManifestProblem[] = [];
  for (const { file, located, key } of [...held, ...others]) {
    const owner = pools.get(key);
    if (owner === undefined) {
      pools.set(key, { file, pool: located.pool, at: located.problem('') });
    } else {
      const first = `${owner.at.file}:${owner.at.line}`;
      problems.push(located.problem(`is the pool ${key} again, which ${first} defines`));
    }
  }
  return { pools, problems };
};

/**
 * What the files say now. A file that is bad keeps the pools it last had; one that is gone has none.
 * Pure, and the same files give the same set again.
 */
export const nextManifestSet = (input: {
  readonly before: ManifestSet;
  readonly files: ReadonlyMap<string, ManifestFile>;
  readonly checkTemplate?: CheckTemplate | undefined;
}): ManifestSet => {
  const { before, files, checkTemplate } = input;
  const lastGood = new Map<string, readonly LocatedPool[]>();
  const problems: ManifestProblem[] = [];
  const keep = (file: string): void => {
    const kept = before.lastGood.get(file);
    if (kept !== undefined) lastGood.set(file, kept);
  };
  for (const [file, found] of files) {
    const read = readFile(file, found, checkTemplate);
    if (E.isRight(read)) lastGood.set(file, read.right);
    else {
      problems.push(...read.left);
      keep(file);
    }
  }
  hiddenFiles(before, files).forEach(keep);
  const merged = merge(before, lastGood);
  return { lastGood, pools: merged.pools, problems: [...problems, ...merged.problems] };
};
