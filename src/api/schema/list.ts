import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type AnyCodec, type Codec, kindOf, makeCodec } from './codec.js';
import type { JsonSchema } from './json-schema.js';

export interface ListOptions {
  readonly description: string;
  readonly minItems?: number;
  readonly maxItems: number;
  /** Items are told apart by this field, which must then be required and unique. */
  readonly key?: string;
}

const fieldOf = (item: unknown, field: string): unknown =>
  typeof item === 'object' && item !== null ? Reflect.get(item, field) : undefined;

const duplicates = (items: readonly unknown[], key: string): readonly number[] => {
  const keys = items.map((item) => fieldOf(item, key));
  return keys.flatMap((each, index) =>
    each !== undefined && keys.indexOf(each) < index ? [index] : [],
  );
};

/** A list of bounded length. */
export const list = <C extends AnyCodec>(
  item: C,
  options: ListOptions,
): Codec<readonly t.TypeOf<C>[]> => {
  const { description, minItems = 0, maxItems, key } = options;
  const schema: JsonSchema = {
    type: 'array',
    description,
    ...(minItems > 0 ? { minItems } : {}),
    maxItems,
    ...(key === undefined
      ? { 'x-kubernetes-list-type': 'atomic' }
      : { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] }),
    items: item.schema,
  };
  return makeCodec('list', schema, (value, context) => {
    if (!Array.isArray(value)) {
      return t.failure(value, context, `must be a list, but is ${kindOf(value)}`);
    }
    if (value.length < minItems || value.length > maxItems) {
      const wanted = `must have ${minItems} to ${maxItems} items, but has ${value.length}`;
      return t.failure(value, context, wanted);
    }
    const at = (index: number): t.Context =>
      t.appendContext(context, String(index), item, value[index]);
    const errors: t.ValidationError[] = [];
    const items: t.TypeOf<C>[] = [];
    value.forEach((each: unknown, index) => {
      const decoded = item.validate(each, at(index));
      if (E.isLeft(decoded)) errors.push(...decoded.left);
      else items.push(decoded.right);
    });
    for (const index of key === undefined ? [] : duplicates(value, key)) {
      errors.push({
        value: value[index],
        context: at(index),
        message: `has the same ${key} as another item`,
      });
    }
    return errors.length > 0 ? t.failures(errors) : t.success(items);
  });
};
