import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type AnyCodec, type Codec, kindOf, makeCodec } from './codec.js';
import type { JsonSchema } from './json-schema.js';
import { isObject } from './map.js';

export interface Field<C extends AnyCodec, P extends 'always' | 'maybe'> {
  readonly codec: C;
  /** Whether the decoded object always has the field. */
  readonly presence: P;
  /** Decoded in place of an absent field. */
  readonly default?: unknown;
}

type Fields = Readonly<Record<string, Field<AnyCodec, 'always' | 'maybe'>>>;
type Flat<T> = { [K in keyof T]: T[K] };

/** What an object with these fields decodes to. */
export type Decoded<F extends Fields> = Flat<
  {
    readonly [K in keyof F as F[K]['presence'] extends 'always' ? K : never]: t.TypeOf<
      F[K]['codec']
    >;
  } & {
    readonly [K in keyof F as F[K]['presence'] extends 'always' ? never : K]?: t.TypeOf<
      F[K]['codec']
    >;
  }
>;

/** Absent is an error. */
export const required = <C extends AnyCodec>(codec: C): Field<C, 'always'> => ({
  codec,
  presence: 'always',
});

/** Absent stays absent. */
export const optional = <C extends AnyCodec>(codec: C): Field<C, 'maybe'> => ({
  codec,
  presence: 'maybe',
});

/** Absent means this; of an object, `{}` means the defaults of its own fields. */
export const withDefault = <C extends AnyCodec>(
  codec: C,
  value: t.TypeOf<C> | Record<string, never>,
): Field<C, 'always'> => ({ codec, presence: 'always', default: value });

/** A rule over several fields, said twice in one place: for the API server in CEL, and here. */
export interface Rule<A> {
  readonly cel: string;
  readonly message: string;
  /** The field to blame. */
  readonly field: keyof A & string;
  /** Fields that are absent, or wrong in themselves, are undefined: a rule that misses one holds. */
  readonly holds: (value: Partial<A>) => boolean;
}

export interface ObjectOptions<A> {
  readonly description: string;
  /** Keep fields that are not listed, as they came. Otherwise they are errors. */
  readonly open?: boolean;
  readonly rules?: readonly Rule<A>[];
}

const propertySchema = (field: Field<AnyCodec, 'always' | 'maybe'>): JsonSchema =>
  field.default === undefined
    ? field.codec.schema
    : { ...field.codec.schema, default: field.default };

const objectSchema = <A>(fields: Fields, options: ObjectOptions<A>): JsonSchema => {
  const needed = Object.keys(fields).filter(
    (name) => fields[name]?.presence === 'always' && fields[name].default === undefined,
  );
  const rules = (options.rules ?? []).map(({ cel, message, field }) => ({
    rule: cel,
    message,
    fieldPath: `.${field}`,
  }));
  return {
    type: 'object',
    description: options.description,
    ...(options.open ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...(needed.length > 0 ? { required: needed } : {}),
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, propertySchema(field)]),
    ),
    ...(rules.length > 0 ? { 'x-kubernetes-validations': rules } : {}),
  };
};

/** The listed field that an unknown one was probably meant to be: same letters but for case. */
const meant = (fields: Fields, name: string): string => {
  const match = Object.keys(fields).find((each) => each.toLowerCase() === name.toLowerCase());
  return match === undefined ? '' : `; did you mean ${match}?`;
};

const unknownFields = (
  fields: Fields,
  value: Readonly<Record<string, unknown>>,
  context: t.Context,
): readonly t.ValidationError[] =>
  Object.keys(value)
    .filter((name) => value[name] !== undefined && !Object.hasOwn(fields, name))
    .map((name) => ({
      value: value[name],
      context: t.appendContext(context, name, t.unknown, value[name]),
      message: `is not a known field${meant(fields, name)}`,
    }));

const decodeField = (
  field: Field<AnyCodec, 'always' | 'maybe'>,
  given: unknown,
  context: t.Context,
): t.Validation<unknown> => {
  if (given !== undefined) return field.codec.validate(given, context);
  if (field.default !== undefined) return field.codec.validate(field.default, context);
  return field.presence === 'maybe'
    ? t.success(undefined)
    : t.failure(given, context, 'is required');
};

/** An object with known fields. All that is wrong with it is reported at once. */
export const object = <F extends Fields>(
  fields: F,
  options: ObjectOptions<Decoded<F>>,
): Codec<Decoded<F>> =>
  makeCodec('object', objectSchema(fields, options), (value, context) => {
    if (!isObject(value)) {
      return t.failure(value, context, `must be an object, but is ${kindOf(value)}`);
    }
    const errors: t.ValidationError[] = [];
    if (!options.open) errors.push(...unknownFields(fields, value, context));
    const kept = options.open ? Object.entries(value) : [];
    const decoded = new Map<string, unknown>(kept);
    for (const [name, field] of Object.entries(fields)) {
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      const result = decodeField(field, given, t.appendContext(context, name, field.codec, given));
      decoded.delete(name);
      if (E.isLeft(result)) errors.push(...result.left);
      else if (result.right !== undefined) decoded.set(name, result.right);
    }
    // The loop above has put exactly the fields of Decoded<F> there; TypeScript cannot follow it.
    const whole = Object.fromEntries(decoded) as Decoded<F>;
    for (const rule of options.rules ?? []) {
      if (rule.holds(whole)) continue;
      const blamed = t.appendContext(context, rule.field, t.unknown, value[rule.field]);
      errors.push({ value: value[rule.field], context: blamed, message: rule.message });
    }
    return errors.length > 0 ? t.failures(errors) : t.success(whole);
  });
