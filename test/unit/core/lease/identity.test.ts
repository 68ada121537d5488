import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { threadKey } from '../../../../src/core/lease/identity.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '/', '"', '\\', '\0', '\ud800', '\udc00', 'é', 'e\u0301', '["a","b"]'),
);
const parts = fc.record({
  pool: fc.record({ namespace: anyText, name: anyText }),
  tenant: anyText,
  thread: anyText,
});

describe('the key of a thread', () => {
  it('is equal for the same pool, tenant and thread only', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same =
          a.pool.namespace === b.pool.namespace &&
          a.pool.name === b.pool.name &&
          a.tenant === b.tenant &&
          a.thread === b.thread;
        expect(threadKey(a) === threadKey(b)).toBe(same);
      }),
    );
  });

  it('survives being written as UTF-8, whatever the parts hold', () => {
    fc.assert(
      fc.property(parts, (each) => {
        const key = threadKey(each);
        expect(Buffer.from(key, 'utf8').toString('utf8')).toBe(key);
      }),
    );
  });

  it('does not depend on what else is known of the lease', () => {
    const thread = { pool: { namespace: 'a', name: 'b' }, tenant: 'c', thread: 'd' };
    const more = { ...thread, epoch: 3 };
    expect(threadKey(more)).toBe(threadKey(thread));
  });
});
