import { describe, expect, it } from '@jest/globals';
import { createCreationSlots } from '../../../src/reconcile/creation-slots.js';

const pool = (name: string) => ({ namespace: 'default', name });

describe('creation slots', () => {
  it('are given out up to their number, and come back once', () => {
    const slots = createCreationSlots({ limit: 2, poke: () => undefined });
    const giveBack = slots.take();
    slots.take();
    expect(slots.free(pool('a'))).toBe(0);
    giveBack();
    giveBack();
    expect(slots.free(pool('a'))).toBe(1);
  });

  it('go round: whoever was served stands at the end of the line', () => {
    const poked: string[] = [];
    const slots = createCreationSlots({ limit: 1, poke: ({ name }) => void poked.push(name) });
    const first = slots.take();
    slots.report(pool('a'), { took: 1, waits: true });
    slots.report(pool('b'), { took: 0, waits: true });
    first();
    // a stands before b, as b came later; b may not overtake
    expect(poked).toEqual(['a']);
    expect(slots.free(pool('b'))).toBe(0);
    const second = slots.take();
    slots.report(pool('a'), { took: 1, waits: true });
    second();
    expect(poked).toEqual(['a', 'b']);
  });

  it('pass on to the next when the first in line wants none any more', () => {
    const poked: string[] = [];
    const slots = createCreationSlots({ limit: 1, poke: ({ name }) => void poked.push(name) });
    const held = slots.take();
    slots.report(pool('a'), { took: 0, waits: true });
    slots.report(pool('b'), { took: 0, waits: true });
    held();
    slots.report(pool('a'), { took: 0, waits: false });
    expect(poked).toEqual(['a', 'b']);
  });
});
