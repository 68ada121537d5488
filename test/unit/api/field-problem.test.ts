import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { fieldPathText, parseFieldPath, valueAt } from '../../../src/api/field-problem.js';

describe('a field path', () => {
  it('reads as people write it', () => {
    expect(fieldPathText(['spec', 'containers', 0, 'env', 12, 'name'])).toBe(
      'spec.containers[0].env[12].name',
    );
    expect(fieldPathText(['metadata', 'labels', 'a.b/c'])).toBe('metadata.labels["a.b/c"]');
  });

  it('comes back from its text whatever the keys', () => {
    const key = fc.oneof(
      fc.nat(),
      fc.string({ minLength: 1 }),
      fc.constantFrom('a"b', '\\', 'x.y'),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 6 }), (path) => {
        expect(parseFieldPath(fieldPathText(path))).toEqual(path);
      }),
    );
  });

  it('finds a value, but never an inherited one', () => {
    expect(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'])).toBe(1);
    expect(valueAt({ a: null }, ['a', 'b'])).toBeUndefined();
    expect(valueAt({}, ['constructor'])).toBeUndefined();
  });
});
