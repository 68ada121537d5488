import { isDeepStrictEqual } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { JsonSchema } from './json-schema.js';

/**
 * An io-ts codec that knows its own schema, so that types, decoding, defaults, bounds and the custom
 * resource definition come from one place.
 */
export interface Codec<A> extends t.Type<A, unknown> {
  readonly schema: JsonSchema;
}

/** A codec whatever it decodes to, for the combinators' bounds. */
export interface AnyCodec extends t.Mixed {
  readonly schema: JsonSchema;
}

/** The schema of a codec, for other interfaces to reuse. It accepts exactly what the codec's own fields accept; rules over several fields are in `x-kubernetes-validations`. */
export const schemaOf = (codec: AnyCodec): JsonSchema => codec.schema;

/** Makes a codec from its schema and its validation. `is` holds for values that decode to themselves: those with all defaults filled in. */
export const makeCodec = <A>(
  name: string,
  schema: JsonSchema,
  validate: t.Validate<unknown, A>,
): Codec<A> => {
  const is = (value: unknown): value is A => {
    const decoded = validate(value, []);
    return E.isRight(decoded) && isDeepStrictEqual(decoded.right, value);
  };
  return Object.assign(new t.Type<A, unknown>(name, is, validate, t.identity), { schema });
};

/** What a value is, for messages. Never the value itself: it may be a secret in the wrong place. */
export const kindOf = (value: unknown): string => {
  if (value === null) return 'empty';
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'number' ? `the number ${value}` : typeof value;
};
