import * as t from 'io-ts';
import { type Codec, kindOf, makeCodec } from './codec.js';

interface Described {
  readonly description: string;
}

/** A whole number from `min` to `max`, both included. */
export const integer = (options: Described & { min: number; max: number }): Codec<number> => {
  const { description, min, max } = options;
  const format = max > 2 ** 31 - 1 ? 'int64' : 'int32';
  const schema = { type: 'integer', format, description, minimum: min, maximum: max } as const;
  return makeCodec('integer', schema, (value, context) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? t.success(value)
      : t.failure(
          value,
          context,
          `must be a whole number from ${min} to ${max}, but is ${kindOf(value)}`,
        ),
  );
};

/** `true` or `false`. */
export const flag = (options: Described): Codec<boolean> =>
  makeCodec('boolean', { type: 'boolean', description: options.description }, (value, context) =>
    typeof value === 'boolean'
      ? t.success(value)
      : t.failure(value, context, `must be true or false, but is ${kindOf(value)}`),
  );

export interface TextOptions extends Described {
  /** In Unicode code points; 0 when absent. */
  readonly minLength?: number;
  readonly maxLength: number;
  /** Must mean the same in Go (RE2) and in JavaScript. */
  readonly pattern?: string;
  /** The pattern in words: `an absolute path`. */
  readonly means?: string;
}

const textFault = (value: string, options: TextOptions): string | undefined => {
  const length = Array.from(value).length;
  const { minLength = 0, maxLength, pattern } = options;
  if (length < minLength)
    return value === '' ? 'must not be empty' : `must have at least ${minLength} characters`;
  if (length > maxLength) return `must have at most ${maxLength} characters, but has ${length}`;
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    return `must be ${options.means ?? `text that matches ${pattern}`}`;
  }
  return undefined;
};

/** Text of bounded length. */
export const text = (options: TextOptions): Codec<string> => {
  const { description, minLength, maxLength, pattern } = options;
  const schema = {
    type: 'string',
    description,
    ...(minLength === undefined ? {} : { minLength }),
    maxLength,
    ...(pattern === undefined ? {} : { pattern }),
  } as const;
  return makeCodec('text', schema, (value, context) => {
    if (typeof value !== 'string') {
      const hint =
        typeof value === 'number' || typeof value === 'boolean' ? ' (put it in quotes)' : '';
      const kind = typeof value === 'number' ? 'a number' : kindOf(value);
      return t.failure(value, context, `must be text, but is ${kind}${hint}`);
    }
    const fault = textFault(value, options);
    return fault === undefined ? t.success(value) : t.failure(value, context, fault);
  });
};

/** One of a few words. */
export const oneOf = <V extends string>(values: readonly V[], options: Described): Codec<V> => {
  const schema = { type: 'string', description: options.description, enum: values } as const;
  return makeCodec('oneOf', schema, (value, context) => {
    const found = values.find((each) => each === value);
    return found === undefined
      ? t.failure(value, context, `must be one of ${values.join(', ')}`)
      : t.success(found);
  });
};

/** A whole number from `min` to `max`, or text of the given pattern: a share like `25%`, a quantity like `512Mi`. */
export const integerOrText = (
  options: TextOptions & { pattern: string; means: string; min: number; max: number },
): Codec<number | string> => {
  const { description, pattern, maxLength, min, max, means } = options;
  const schema = {
    description,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
    pattern,
    maxLength,
    minimum: min,
    maximum: max,
  } as const;
  return makeCodec<number | string>('integerOrText', schema, (value, context) => {
    const inBounds =
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
    if (inBounds) return t.success(value);
    if (typeof value === 'string' && textFault(value, options) === undefined) {
      return t.success(value);
    }
    return t.failure(value, context, `must be a whole number from ${min} to ${max}, or ${means}`);
  });
};

/** Anything at all, kept as it came. Only for fields that another program defines. */
export const anything = (options: Described): Codec<unknown> =>
  makeCodec<unknown>(
    'anything',
    { description: options.description, 'x-kubernetes-preserve-unknown-fields': true },
    (value) => t.success(value),
  );
