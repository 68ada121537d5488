import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One import or re-export of a module. */
export interface Import {
  /** As written: `../ports/clock.js`, `node:fs`, `fp-ts/lib/Either.js`. */
  readonly specifier: string;
  /** For a file of this project, its path below `src`: `ports/clock.ts`. */
  readonly file?: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Below `src`: `core/pool/plan.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings blanked out, lines kept. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** Comments, strings and templates; what is in `${…}` goes too, which the rules below can live without. */
const BLANKED =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

const blank = (text: string): string =>
  text.replace(BLANKED, (found) => found.replace(/[^\n]/g, ' '));

const IMPORT = /^\s*(?:import|export)\s+(type\s+)?([^'";]*?\sfrom\s+)?'([^']+)';/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*'([^']+)'\s*\)/g;

/** `{ type A, type B }`: names that are types, one by one. */
const onlyTypes = (clause: string): boolean => {
  const named = /^\{([^}]*)\}\s+from\s+$/.exec(clause.trimStart())?.[1];
  if (named === undefined) return false;
  const names = named.split(',').map((name) => name.trim());
  return names.every((name) => name === '' || name.startsWith('type '));
};

const importsOf = (path: string, text: string): readonly Import[] => {
  const found = [
    ...[...text.matchAll(IMPORT)].map(([, type, clause = '', specifier = '']) => ({
      specifier,
      typeOnly: type !== undefined || onlyTypes(clause),
    })),
    ...[...text.matchAll(DYNAMIC_IMPORT)].map(([, specifier = '']) => ({
      specifier,
      typeOnly: false,
    })),
  ];
  return found.map((each) =>
    each.specifier.startsWith('.')
      ? { ...each, file: normalize(join(dirname(path), each.specifier)).replace(/\.js$/, '.ts') }
      : each,
  );
};

/** All of `src`. */
export const sourceFiles = (): readonly SourceFile[] =>
  readdirSync(src, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = relative(src, join(entry.parentPath, entry.name));
      const text = readFileSync(join(src, path), 'utf8');
      return { path, text, code: blank(text), imports: importsOf(path, text) };
    });

export const inside = (path: string, ...directories: readonly string[]): boolean =>
  directories.some((directory) => path === directory || path.startsWith(`${directory}/`));

/** `path:line` of every match of `pattern` in the code of the files, comments and strings left out. */
export const occurrences = (files: readonly SourceFile[], pattern: RegExp): readonly string[] =>
  files.flatMap(({ path, code }) =>
    code.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
