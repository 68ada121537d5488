import * as E from 'fp-ts/lib/Either.js';
import { checked, type Field } from './field.js';
import { isJsonObject } from './strict-object.js';

export interface TextBounds {
  /** In bytes of UTF-8. */
  readonly maxBytes: number;
  readonly minBytes?: number;
  readonly pattern?: { readonly matches: RegExp; readonly message: string };
}

/** What is wrong with a text, if anything. NUL cannot be passed to a process, and half a surrogate pair has no UTF-8. */
export const textProblem = (value: unknown, bounds: TextBounds): string | undefined => {
  if (typeof value !== 'string') return 'must be a string';
  const bytes = Buffer.byteLength(value);
  if (bytes < (bounds.minBytes ?? 0)) return 'must not be empty';
  if (bytes > bounds.maxBytes) {
    return `must be at most ${bounds.maxBytes} bytes long, and is ${bytes}`;
  }
  if (value.includes('\0')) return 'must not contain a NUL character';
  if (/\p{Surrogate}/u.test(value)) return 'must not contain half of a surrogate pair';
  if (bounds.pattern !== undefined && !bounds.pattern.matches.test(value)) {
    return bounds.pattern.message;
  }
  return undefined;
};

/** A string of bounded length. */
export const text = (description: string, bounds: TextBounds): Field<string> => ({
  decoder: checked('text', (value) => {
    const problem = textProblem(value, bounds);
    return problem === undefined ? E.right(String(value)) : E.left(problem);
  }),
  schema: { type: 'string', description, maxLength: bounds.maxBytes },
});

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
}

/** A number within bounds, both included. */
export const number = (description: string, bounds: NumberBounds): Field<number> => {
  const kind = bounds.integer ? 'an integer' : 'a number';
  const range = `must be ${kind} from ${bounds.min} to ${bounds.max}`;
  return {
    decoder: checked('number', (value) =>
      typeof value === 'number' &&
      value >= bounds.min &&
      value <= bounds.max &&
      (!bounds.integer || Number.isInteger(value))
        ? E.right(value)
        : E.left(range),
    ),
    schema: {
      type: bounds.integer ? 'integer' : 'number',
      description,
      minimum: bounds.min,
      maximum: bounds.max,
    },
  };
};

export const flag = (description: string): Field<boolean> => ({
  decoder: checked('flag', (value) =>
    typeof value === 'boolean' ? E.right(value) : E.left('must be true or false'),
  ),
  schema: { type: 'boolean', description },
});

/** One of a few words. */
export const oneOf = <Word extends string>(
  description: string,
  words: readonly Word[],
): Field<Word> => ({
  decoder: checked('word', (value) => {
    const found = words.find((word) => word === value);
    return found === undefined ? E.left(`must be one of ${words.join(', ')}`) : E.right(found);
  }),
  schema: { type: 'string', description, enum: words },
});

/** Bytes as base64. Node's own decoder skips what it does not know; here that is refused. */
export const base64 = (description: string): Field<Buffer> => ({
  decoder: checked('base64', (value) => {
    if (typeof value !== 'string') return E.left('must be a string of base64');
    const bytes = Buffer.from(value, 'base64');
    const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
    // anything that was skipped makes the bytes fewer than the length of the text promises
    return value.length % 4 === 0 && bytes.length === (value.length / 4) * 3 - padding
      ? E.right(bytes)
      : E.left('must be padded base64');
  }),
  schema: { type: 'string', contentEncoding: 'base64', description },
});

export interface RecordBounds {
  readonly name: RegExp;
  readonly nameMessage: string;
  readonly value: TextBounds;
  readonly maxEntries: number;
  /** All names and values together. */
  readonly maxBytes: number;
}

const recordProblem = (value: unknown, bounds: RecordBounds): string | undefined => {
  if (!isJsonObject(value)) return 'must be an object of strings';
  const entries = Object.entries(value);
  if (entries.length > bounds.maxEntries) return `must have at most ${bounds.maxEntries} entries`;
  let bytes = 0;
  for (const [name, inner] of entries) {
    if (!bounds.name.test(name)) return `name ${JSON.stringify(name)}: ${bounds.nameMessage}`;
    const problem = textProblem(inner, bounds.value);
    if (problem !== undefined) return `value of ${name}: ${problem}`;
    bytes += name.length + Buffer.byteLength(String(inner));
  }
  return bytes > bounds.maxBytes ? `must be at most ${bounds.maxBytes} bytes in all` : undefined;
};

/** An object whose names and values are texts. */
export const textRecord = (
  description: string,
  bounds: RecordBounds,
): Field<Readonly<Record<string, string>>> => ({
  decoder: checked('record', (value) => {
    const problem = recordProblem(value, bounds);
    // recordProblem has seen that every value is a string
    return problem === undefined ? E.right(value as Record<string, string>) : E.left(problem);
  }),
  schema: { type: 'object', description, additionalProperties: { type: 'string' } },
});
