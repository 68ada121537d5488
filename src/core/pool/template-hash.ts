import { createHash } from 'node:crypto';
import type { PodTemplate } from '../../api/pod-template.js';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
};

/**
 * Names a template: equal for templates that differ only in the order of their fields. Ten hexadecimal
 * digits (40 bits) keep names short, and a collision would need a million template versions of one pool.
 */
export const templateHash = (template: PodTemplate): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(template)))
    .digest('hex')
    .slice(0, 10);
