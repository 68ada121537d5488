import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Field, JsonSchema } from './field.js';

type Fields = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = F extends Field<infer A> ? A : never;

/** The decoded object of a set of fields. */
export type Decoded<Required extends Fields, Optional extends Fields> = {
  readonly [Key in keyof Required]: ValueOf<Required[Key]>;
} & { readonly [Key in keyof Optional]?: ValueOf<Optional[Key]> };

/** Whether a value is a JSON object. */
export const isJsonObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const below = (context: t.Context, key: string, actual: unknown): t.Context => [
  ...context,
  { key, type: t.unknown, actual },
];

const problem = (context: t.Context, value: unknown, message: string): t.ValidationError => ({
  context,
  value,
  message,
});

/** An object with exactly these fields. One that it does not know is refused by name: a misspelt option must not be ignored. */
export const strictObject = <Required extends Fields, Optional extends Fields>(
  name: string,
  required: Required,
  optional: Optional,
): Field<Decoded<Required, Optional>> => {
  const fields: Fields = { ...required, ...optional };
  const known = new Map(Object.entries(fields));
  const requiredNames = Object.keys(required);
  const validate = (
    value: unknown,
    context: t.Context,
  ): t.Validation<Decoded<Required, Optional>> => {
    if (!isJsonObject(value)) return t.failure(value, context, 'must be an object');
    const decoded: Record<string, unknown> = {};
    const errors: t.ValidationError[] = [];
    for (const [key, inner] of Object.entries(value)) {
      const field = known.get(key);
      if (field === undefined) {
        errors.push(problem(below(context, key, inner), inner, unknownField([...known.keys()])));
        continue;
      }
      const result = field.decoder.validate(inner, below(context, key, inner));
      if (E.isLeft(result)) errors.push(...result.left);
      else decoded[key] = result.right;
    }
    for (const key of requiredNames) {
      if (!Object.hasOwn(value, key)) {
        errors.push(problem(below(context, key, undefined), undefined, 'is required'));
      }
    }
    // each field was decoded above by its own decoder, and all required ones are there
    return errors.length > 0
      ? t.failures(errors)
      : t.success(decoded as Decoded<Required, Optional>);
  };
  return {
    decoder: {
      name,
      validate,
      decode: (value) => validate(value, [{ key: '', type: t.unknown, actual: value }]),
    },
    schema: objectSchema(fields, requiredNames),
  };
};

const unknownField = (known: readonly string[]): string =>
  `unknown field (known are ${known.join(', ')})`;

const objectSchema = (fields: Fields, required: readonly string[]): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length === 0 ? {} : { required }),
  properties: Object.fromEntries(Object.entries(fields).map(([key, { schema }]) => [key, schema])),
});
