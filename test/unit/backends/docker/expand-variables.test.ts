import { describe, expect, it } from '@jest/globals';
import { expandVariables } from '../../../../src/backends/docker/expand-variables.js';

describe('expandVariables', () => {
  const variables = new Map([
    ['HOST', 'db'],
    ['PORT', '1'],
  ]);

  it.each([
    ['$(HOST):$(PORT)', 'db:1'],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$$(HOST)', '$(HOST)'],
    ['$$$(HOST)', '$db'],
    ['$HOST ${HOST}', '$HOST ${HOST}'],
    ['$(HOST', '$(HOST'],
  ])('turns %s into %s, as Kubernetes does', (text, expanded) => {
    expect(expandVariables(text, variables)).toBe(expanded);
  });
});
