import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import { SandboxPoolSpec, SandboxPoolStatus } from '../../src/api/sandbox-pool.js';
import { type AnyCodec, schemaOf } from '../../src/api/schema/codec.js';
import type { JsonSchema } from '../../src/api/schema/json-schema.js';

/** API servers refuse unknown fields by themselves where a schema does not keep them. */
const strict = (schema: JsonSchema): object => {
  const { properties, items, additionalProperties } = schema;
  const closed = properties !== undefined && !schema['x-kubernetes-preserve-unknown-fields'];
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, child]) => [name, strict(child)]),
          ),
        }),
    ...(items === undefined ? {} : { items: strict(items) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: strict(additionalProperties) }),
    ...(closed ? { additionalProperties: false } : {}),
  };
};

/** What the schema leaves to CEL rules and to lists that are maps. */
const messagesOfRules = (schema: JsonSchema): readonly string[] => [
  ...(schema['x-kubernetes-validations'] ?? []).map(({ message }) => message),
  ...(schema['x-kubernetes-list-map-keys'] ?? []).map(
    (key) => `has the same ${key} as another item`,
  ),
  ...Object.values(schema.properties ?? {}).flatMap(messagesOfRules),
  ...(schema.items === undefined ? [] : messagesOfRules(schema.items)),
];

/** Values at and beside the bounds that the schema states, and others that have nothing to do with it. */
const nearly = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  const right = ((): fc.Arbitrary<unknown> => {
    if (schema.anyOf !== undefined)
      return fc.constantFrom(0, 1, 1000, '25%', '500m', '0%', '1.5Gi');
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    switch (schema.type) {
      case 'integer': {
        const { minimum = 0, maximum = 0 } = schema;
        return fc.oneof(
          fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1),
          fc.integer({ min: minimum, max: maximum }),
        );
      }
      case 'string':
        return fc.oneof(
          fc.constantFrom(
            'python',
            '/workspace',
            'a',
            '',
            'ALL',
            '0 4 * * *',
            'Etc/UTC',
            'ü',
            '🐍',
          ),
          fc.constant('2026-01-31T12:00:00Z'),
          fc.constant('x'.repeat(Math.min(schema.maxLength ?? 0, 300))),
          fc.constant('🐍'.repeat(Math.min(schema.maxLength ?? 0, 300))),
          fc.string({ unit: 'binary', maxLength: 8 }),
        );
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(nearly(schema.items ?? {}), {
          minLength: schema.minItems ?? 0,
          maxLength: (schema.minItems ?? 0) + 2,
        });
      case 'object':
        return schema.properties === undefined
          ? fc.dictionary(
              fc.constantFrom('cpu', 'memory', 'a.b/c'),
              nearly(schema.additionalProperties ?? {}),
            )
          : fc.record(
              Object.fromEntries(
                Object.entries(schema.properties).map(([name, child]) => [name, nearly(child)]),
              ),
              { requiredKeys: [...(schema.required ?? [])] },
            );
      default:
        return fc.jsonValue();
    }
  })();
  return fc.oneof(
    { weight: 60, arbitrary: right },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.constantFrom(-1, 1e300, 0.5, null, [], {}, { unknown: 1 }) },
  );
};

const children = (schema: JsonSchema, at: string): readonly (readonly [string, JsonSchema])[] => [
  [at, schema],
  ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    children(child, `${at}.${name}`),
  ),
];

const compare = (codec: AnyCodec): ((value: unknown) => readonly [boolean, boolean]) => {
  const schema = schemaOf(codec);
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(strict(schema));
  const rules = new Set(messagesOfRules(schema));
  return (value) => {
    const decoded = codec.decode(value);
    const shapeIsRight =
      E.isRight(decoded) || decoded.left.every(({ message }) => rules.has(message ?? ''));
    return [shapeIsRight, validate(value)];
  };
};

describe('codec and schema', () => {
  it.each([
    ['SandboxPoolSpec', SandboxPoolSpec],
    ['SandboxPoolStatus', SandboxPoolStatus],
  ] as const)('of %s accept the same values', (_name, codec: AnyCodec) => {
    const verdicts = compare(codec);
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(nearly(schemaOf(codec)), (value) => {
        const [byCodec, bySchema] = verdicts(value);
        seen[byCodec ? 'accepted' : 'refused'] += 1;
        expect(byCodec).toBe(bySchema);
      }),
      { numRuns: 300 },
    );
    expect(seen.refused).toBeGreaterThan(0);
  });

  it('agree on each part of a spec by itself, in both directions', () => {
    const seen = { accepted: 0, refused: 0 };
    const base = { template: { spec: { containers: [{ name: 'sandbox', image: 'busybox' }] } } };
    const verdicts = compare(SandboxPoolSpec);
    for (const [name, schema] of Object.entries(schemaOf(SandboxPoolSpec).properties ?? {})) {
      fc.assert(
        fc.property(nearly(schema), (part) => {
          const [byCodec, bySchema] = verdicts({ ...base, [name]: part });
          seen[byCodec ? 'accepted' : 'refused'] += 1;
          expect(byCodec).toBe(bySchema);
        }),
        { numRuns: 150 },
      );
    }
    expect(seen.accepted).toBeGreaterThan(50);
    expect(seen.refused).toBeGreaterThan(50);
  });

  it('agree that every default is a value that the field takes', () => {
    const spec = schemaOf(SandboxPoolSpec);
    for (const [path, schema] of children(spec, 'spec')) {
      if (schema.default === undefined) continue;
      const validate = new Ajv({ strict: false, validateFormats: false }).compile(strict(schema));
      expect([path, validate(schema.default)]).toEqual([path, true]);
    }
  });
});
