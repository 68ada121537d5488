import { describe, expect, it } from '@jest/globals';
import { createWorkQueue, type WorkResult } from '../../../src/runtime/work-queue.js';
import { manualClock, settle } from '../../support/manual-clock.js';

const setUp = (workers = 1) => {
  const clock = manualClock();
  const begun: string[] = [];
  const ends: ((result: WorkResult) => void)[] = [];
  const queue = createWorkQueue({
    clock,
    workers,
    backoff: { firstMs: 1000, longestMs: 4000 },
    work: (key) => {
      begun.push(key);
      return new Promise((resolve) => ends.push(resolve));
    },
  });
  const end = async (result: WorkResult = { type: 'Done' }): Promise<void> => {
    ends.shift()?.(result);
    await settle();
  };
  return { clock, begun, queue, end };
};

describe('the work queue', () => {
  it('works on a key once, however often it was added', async () => {
    const { queue, begun, end } = setUp();
    queue.add('x');
    await settle();
    queue.add('a');
    queue.add('a');
    await end();
    await end();
    expect(begun).toEqual(['x', 'a']);
  });

  it('works again on a key that was added meanwhile, never twice at a time', async () => {
    const { queue, begun, end } = setUp(2);
    queue.add('a');
    await settle();
    queue.add('a');
    queue.add('a');
    await settle();
    expect(begun).toEqual(['a']);
    await end();
    expect(begun).toEqual(['a', 'a']);
    await end();
    expect(begun).toEqual(['a', 'a']);
  });

  it('keeps to its number of workers', async () => {
    const { queue, begun, end } = setUp(2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    expect(begun).toEqual(['a', 'b']);
    expect(queue.length()).toBe(1);
    await end();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('waits longer after each failure, and forgets them after a success', async () => {
    const { queue, begun, end, clock } = setUp();
    queue.add('a');
    await settle();
    for (const wait of [1000, 2000, 4000, 4000]) {
      await end({ type: 'Retry' });
      await clock.advance(wait - 1);
      const before = begun.length;
      await clock.advance(1);
      expect(begun.length).toBe(before + 1);
    }
    await end();
    queue.add('a');
    await settle();
    await end({ type: 'Retry' });
    const before = begun.length;
    await clock.advance(1000);
    expect(begun.length).toBe(before + 1);
  });

  it('comes again when asked to, at the earliest of several times', async () => {
    const { queue, begun, end, clock } = setUp();
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    await clock.advance(100);
    expect(begun).toHaveLength(1);
    await end({ type: 'Done', againInMs: 50 });
    await clock.advance(50);
    expect(begun).toHaveLength(2);
    await end();
    await clock.advance(10_000);
    expect(begun).toHaveLength(2);
  });

  it('stops: what runs may finish, nothing else begins', async () => {
    const { queue, begun, end, clock } = setUp();
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await settle();
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    await end({ type: 'Retry' });
    await stopping;
    await clock.advance(100_000);
    expect(begun).toEqual(['a']);
    expect(clock.timers()).toBe(0);
  });
});
