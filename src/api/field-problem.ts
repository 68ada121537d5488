import type * as t from 'io-ts';

/** The way from the root of a document to a field. */
export type FieldPath = readonly (string | number)[];

/** What is wrong with one field. */
export interface FieldProblem {
  readonly path: FieldPath;
  readonly message: string;
}

/** `spec.template.spec.containers[0].image`; keys that are no plain words come in brackets and quotes. */
export const fieldPathText = (path: FieldPath): string =>
  path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');

const segment = (match: RegExpMatchArray): string | number => {
  const [, index, quoted, plain] = match;
  if (index !== undefined) return Number(index);
  if (quoted === undefined) return plain ?? '';
  return quoted.replaceAll('\\"', '"').replaceAll('\\\\', '\\');
};

/** The inverse of `fieldPathText`. */
export const parseFieldPath = (text: string): FieldPath =>
  Array.from(text.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g), segment);

const pathOf = (context: t.Context): FieldPath =>
  // The first entry is the document itself.
  context
    .slice(1)
    .map(({ key }, index) => (Array.isArray(context[index]?.actual) ? Number(key) : key));

/** What a codec found wrong, field by field. */
export const fieldProblems = (errors: t.Errors): readonly FieldProblem[] =>
  errors.map(({ context, message }) => ({ path: pathOf(context), message: message ?? 'is wrong' }));

/** The value at a path, or undefined if there is none. */
export const valueAt = (value: unknown, path: FieldPath): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? Reflect.get(at, key)
        : undefined,
    value,
  );
