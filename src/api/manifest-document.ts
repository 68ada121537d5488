import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
} from 'yaml';
import type { FieldPath } from './field-problem.js';
import type { ManifestProblem } from './manifest-problem.js';

/** One document of a YAML (or JSON) file. */
export interface ManifestDocument {
  readonly value: unknown;
  /** A problem at a field, or at the nearest field above that is there. */
  readonly problem: (path: FieldPath, text: string, message: string) => ManifestProblem;
}

/** An honest pool refers to an anchor a few times; a bomb doubles with each line. */
const MAX_ALIASES = 100;
/** Pod templates are about ten levels deep. Deeper documents would overflow recursive code. */
const MAX_DEPTH = 64;
/** The first faults of a broken file explain the rest. */
const MAX_SYNTAX_PROBLEMS = 10;

const isWithin = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((child) => isWithin(child, depth - 1));
};

/** Where a field starts in the text: the offset of its key, or of the item in a list. */
const offsetOf = (document: Document.Parsed, path: FieldPath): number => {
  let offset = document.contents?.range[0] ?? document.range[0];
  let node: unknown = document.contents;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) return offset;
      offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isSeq<Node>(node)) {
      const item: Node | undefined = typeof key === 'number' ? node.items[key] : undefined;
      if (item === undefined) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else {
      return offset;
    }
  }
  return offset;
};

/** Offset of the first alias that nothing stands for. */
const danglingAlias = (document: Document.Parsed): number | undefined => {
  let offset: number | undefined;
  visit(document, {
    Alias: (_key, node) => {
      if (node.resolve(document) !== undefined) return undefined;
      offset = node.range?.[0];
      return visit.BREAK;
    },
  });
  return offset;
};

type Converted = { readonly value: unknown } | { readonly fault: string; readonly offset: number };

const convert = (document: Document.Parsed): Converted => {
  const start = document.contents?.range[0] ?? document.range[0];
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (isWithin(value, MAX_DEPTH)) return { value };
    return { fault: `must not be nested more than ${MAX_DEPTH} levels deep`, offset: start };
  } catch (error) {
    // What the library throws for aliases that lead nowhere, or to too much.
    if (!(error instanceof ReferenceError)) throw error;
    const dangling = danglingAlias(document);
    return dangling === undefined
      ? { fault: 'uses aliases (*name) too often', offset: start }
      : { fault: 'uses an alias (*name) without an anchor (&name) before it', offset: dangling };
  }
};

const parse = (text: string, lines: LineCounter): readonly Document.Parsed[] | undefined => {
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
    return Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    // The parser is recursive: brackets without end exhaust its stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** What could be read of a file, and what could not. */
export interface ManifestDocuments {
  /** Those that hold anything. */
  readonly documents: readonly ManifestDocument[];
  /** Faults of the syntax. */
  readonly problems: readonly ManifestProblem[];
}

/** Takes a file apart into its documents. */
export const manifestDocuments = (text: string, file: string): ManifestDocuments => {
  const lines = new LineCounter();
  const parsed = parse(text, lines);
  if (parsed === undefined) {
    const problem = { file, line: 1, path: '', message: 'is nested too deeply' };
    return { documents: [], problems: [problem] };
  }
  const filled = parsed.filter(
    ({ contents, errors }) =>
      errors.length > 0 || (contents !== null && !(isScalar(contents) && contents.value === null)),
  );
  const problems: ManifestProblem[] = [];
  const documents: ManifestDocument[] = [];
  filled.forEach((document, index) => {
    const at = (offset: number, path: string, message: string): ManifestProblem => {
      const { line, col } = lines.linePos(offset);
      const which = filled.length > 1 ? { document: index + 1 } : {};
      return { file, line: Math.max(line, 1), column: Math.max(col, 1), ...which, path, message };
    };
    const faults = [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_PROBLEMS);
    if (faults.length > 0) {
      problems.push(...faults.map((each) => at(each.pos[0], '', `is not YAML: ${each.message}`)));
      return;
    }
    const converted = convert(document);
    if ('fault' in converted) problems.push(at(converted.offset, '', converted.fault));
    else {
      const problem: ManifestDocument['problem'] = (path, field, message) =>
        at(offsetOf(document, path), field, message);
      documents.push({ value: converted.value, problem });
    }
  });
  return { documents, problems };
};
