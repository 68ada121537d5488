import { describe, expect, it } from '@jest/globals';
import { boundedLabel } from '../../../src/telemetry/bounded-label.js';

describe('boundedLabel', () => {
  it('calls every new value other once the limit is reached, and keeps the known ones', () => {
    const bounded = boundedLabel(2);
    expect(['A', 'B', 'C', 'A'].map(bounded)).toEqual(['A', 'B', 'other', 'A']);
  });

  it('calls free text other', () => {
    expect(boundedLabel(5)('no such image: python:3')).toBe('other');
  });
});
