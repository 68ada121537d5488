import * as E from 'fp-ts/lib/Either.js';
import { decodeUtf8 } from './decode-utf8.js';
import {
  type FieldPath,
  type FieldProblem,
  fieldPathText,
  fieldProblems,
  parseFieldPath,
  valueAt,
} from './field-problem.js';
import { type ManifestDocument, manifestDocuments } from './manifest-document.js';
import type { ManifestProblem } from './manifest-problem.js';
import { PodTemplate } from './pod-template.js';
import { poolKeyText } from './pool-key.js';
import { API_VERSION, SANDBOX_POOL_KIND, SandboxPool } from './sandbox-pool.js';
import { isObject } from './schema/map.js';
import { unsupportedFields } from './supported.js';

export { formatManifestProblem, type ManifestProblem } from './manifest-problem.js';

/** What a backend says about a template: paths from the root of the pool, as `spec.template.spec.hostNetwork`. */
export type CheckTemplate = (
  template: PodTemplate,
) => E.Either<readonly { readonly path: string; readonly message: string }[], void>;

/** A pool, and where its name stands. */
export interface LocatedPool {
  readonly pool: SandboxPool;
  /** A problem with the pool's being there. */
  readonly problem: (message: string) => ManifestProblem;
}

/** API servers hold no larger objects either. */
const MAX_BYTES = 1_048_576;
/** More would not be read. */
const MAX_PROBLEMS = 100;

const NAME: FieldPath = ['metadata', 'name'];

const whole = (file: string, line: number, message: string): ManifestProblem => ({
  file,
  line,
  path: '',
  message,
});

const kindProblems = (value: unknown): readonly FieldProblem[] => {
  if (!isObject(value)) return [{ path: [], message: `must be a ${SANDBOX_POOL_KIND} object` }];
  const wanted = { apiVersion: API_VERSION, kind: SANDBOX_POOL_KIND };
  return Object.entries(wanted).flatMap(([key, expected]) =>
    value[key] === expected
      ? []
      : [
          {
            path: [key],
            message: value[key] === undefined ? `is required: ${expected}` : `must be ${expected}`,
          },
        ],
  );
};

const templateProblems = (value: unknown, check: CheckTemplate | undefined) => {
  const template = PodTemplate.decode(valueAt(value, ['spec', 'template']));
  if (check === undefined || E.isLeft(template)) return [];
  const checked = check(template.right);
  if (E.isRight(checked)) return [];
  return checked.left.map(({ path, message }) => ({ path: parseFieldPath(path), message }));
};

/** An exported manifest holds the status, which is the operator's to write: not read, as in a cluster. */
const withoutStatus = (value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'status'))
    : value;

const readDocument = (
  { value, problem }: ManifestDocument,
  checkTemplate: CheckTemplate | undefined,
): E.Either<readonly ManifestProblem[], LocatedPool> => {
  const say = (problems: readonly FieldProblem[]): readonly ManifestProblem[] =>
    problems.map(({ path, message }) => problem(path, fieldPathText(path), message));
  const kind = kindProblems(value);
  if (kind.length > 0) return E.left(say(kind));
  const decoded = SandboxPool.decode(withoutStatus(value));
  const problems = [
    ...(E.isLeft(decoded) ? fieldProblems(decoded.left) : []),
    ...unsupportedFields(value),
    ...templateProblems(value, checkTemplate),
  ];
  if (E.isLeft(decoded) || problems.length > 0) return E.left(say(problems));
  return E.right({
    pool: decoded.right,
    problem: (message) => problem(NAME, fieldPathText(NAME), message),
  });
};

/** Problems with pools that were defined before. */
export const duplicatePools = (pools: readonly LocatedPool[]): readonly ManifestProblem[] => {
  const seen = new Map<string, ManifestProblem>();
  return pools.flatMap(({ pool, problem }) => {
    const key = poolKeyText(pool.metadata);
    const first = seen.get(key);
    if (first !== undefined) {
      return [problem(`is the pool ${key} again, which ${first.file}:${first.line} defines`)];
    }
    seen.set(key, problem(''));
    return [];
  });
};

const byPlace = (a: ManifestProblem, b: ManifestProblem): number =>
  a.line - b.line || (a.column ?? 0) - (b.column ?? 0);

/** As `readManifests`, and says where each pool stands. */
export const readLocatedPools = (
  content: string | Uint8Array,
  file: string,
  checkTemplate?: CheckTemplate,
): E.Either<readonly ManifestProblem[], readonly LocatedPool[]> => {
  if (Buffer.byteLength(content) > MAX_BYTES) {
    return E.left([whole(file, 1, `must not be larger than ${MAX_BYTES} bytes`)]);
  }
  const text = typeof content === 'string' ? E.right(content) : decodeUtf8(content);
  if (E.isLeft(text)) return E.left([whole(file, text.left.line, 'is not valid UTF-8')]);
  if (text.right.trim() === '') return E.left([whole(file, 1, 'is empty')]);
  const { documents, problems: faults } = manifestDocuments(text.right, file);
  const read = documents.map((document) => readDocument(document, checkTemplate));
  const pools = read.flatMap((each) => (E.isRight(each) ? [each.right] : []));
  const problems = read.flatMap((each) => (E.isLeft(each) ? each.left : []));
  const all = [...faults, ...problems, ...duplicatePools(pools)].toSorted(byPlace);
  return all.length > 0 ? E.left(all.slice(0, MAX_PROBLEMS)) : E.right(pools);
};

/**
 * Reads the pools of one YAML or JSON file (several documents are fine), all defaults filled in. On the
 * left is everything that is wrong with it, in the order of the file: syntax, unknown and wrong fields,
 * what this version does not support, and what `checkTemplate` refuses. No document at all is no
 * problem as long as the file holds something, if only comments.
 */
export const readManifests = (
  content: string | Uint8Array,
  file: string,
  checkTemplate?: CheckTemplate,
): E.Either<readonly ManifestProblem[], readonly SandboxPool[]> =>
  E.map((pools: readonly LocatedPool[]) => pools.map(({ pool }) => pool))(
    readLocatedPools(content, file, checkTemplate),
  );
