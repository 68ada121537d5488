import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { admit } from '../../../../src/core/lease/admission.js';

const queue = { maxLength: 2, timeoutSeconds: 30 };

describe('admission', () => {
  it('serves a caller when a sandbox is ready and nobody waits', () => {
    expect(admit({ ready: true, waiting: 0, queue })).toBe('Serve');
    expect(admit({ ready: true, waiting: 0, queue: { maxLength: 0, timeoutSeconds: 0 } })).toBe(
      'Serve',
    );
  });

  it('lets nobody overtake', () => {
    expect(admit({ ready: true, waiting: 1, queue })).toBe('Wait');
  });

  it('refuses when the queue is full, or gives no time', () => {
    expect(admit({ ready: false, waiting: 2, queue })).toBe('QueueFull');
    expect(admit({ ready: false, waiting: 0, queue: { ...queue, maxLength: 0 } })).toBe(
      'QueueFull',
    );
    expect(admit({ ready: false, waiting: 0, queue: { ...queue, timeoutSeconds: 0 } })).toBe(
      'NoSandbox',
    );
  });

  it('accounts for every caller, and never lets more wait than may', () => {
    const events = fc.array(fc.constantFrom('come', 'ready'), { maxLength: 100 });
    fc.assert(
      fc.property(events, fc.nat({ max: 5 }), (steps, maxLength) => {
        const count = { submitted: 0, admitted: 0, waiting: 0, refused: 0 };
        let ready = 0;
        for (const step of steps) {
          if (step === 'ready') ready += 1;
          else {
            count.submitted += 1;
            const input = { ready: ready > 0, waiting: count.waiting };
            const admission = admit({ ...input, queue: { ...queue, maxLength } });
            if (admission === 'Serve') {
              ready -= 1;
              count.admitted += 1;
            } else if (admission === 'Wait') count.waiting += 1;
            else count.refused += 1;
          }
          while (ready > 0 && count.waiting > 0) {
            ready -= 1;
            count.waiting -= 1;
            count.admitted += 1;
          }
          expect(count.waiting).toBeLessThanOrEqual(maxLength);
          expect(count.admitted + count.waiting + count.refused).toBe(count.submitted);
        }
      }),
    );
  });
});
