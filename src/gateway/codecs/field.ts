import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** JSON Schema, as far as the OpenAPI document needs it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One value of a request: how it is read, and how the OpenAPI document describes it. */
export interface Field<A> {
  readonly decoder: t.Decoder<unknown, A>;
  readonly schema: JsonSchema;
}

/** A decoder from a check that says in words what is wrong: `must be a string`. */
export const checked = <A>(
  name: string,
  check: (value: unknown) => E.Either<string, A>,
): t.Decoder<unknown, A> => {
  const validate = (value: unknown, context: t.Context): t.Validation<A> => {
    const result = check(value);
    return E.isRight(result) ? t.success(result.right) : t.failure(value, context, result.left);
  };
  return {
    name,
    validate,
    decode: (value) => validate(value, [{ key: '', type: t.unknown, actual: value }]),
  };
};
