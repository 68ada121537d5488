import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type AnyCodec, type Codec, kindOf, makeCodec } from './codec.js';

/** Whether a value has fields: lists and null do not count. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values under keys of the user's choice: labels, quantities. */
export const map = <C extends AnyCodec>(
  item: C,
  options: { readonly description: string; readonly maxProperties: number },
): Codec<Readonly<Record<string, t.TypeOf<C>>>> => {
  const { description, maxProperties } = options;
  const schema = {
    type: 'object',
    description,
    maxProperties,
    additionalProperties: item.schema,
  } as const;
  return makeCodec('map', schema, (value, context) => {
    if (!isObject(value)) {
      return t.failure(value, context, `must be an object, but is ${kindOf(value)}`);
    }
    const entries = Object.entries(value);
    if (entries.length > maxProperties) {
      const wanted = `must have at most ${maxProperties} entries, but has ${entries.length}`;
      return t.failure(value, context, wanted);
    }
    const errors: t.ValidationError[] = [];
    const decodedEntries = entries.map(([key, each]) => {
      const decoded = item.validate(each, t.appendContext(context, key, item, each));
      if (E.isLeft(decoded)) errors.push(...decoded.left);
      return [key, E.isRight(decoded) ? decoded.right : undefined] as const;
    });
    // fromEntries defines own properties, so that a key like __proto__ stays a key.
    return errors.length > 0 ? t.failures(errors) : t.success(Object.fromEntries(decodedEntries));
  });
};
