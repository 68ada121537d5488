import { describe, expect, it } from '@jest/globals';
import { createControlLoop } from '../../../src/runtime/control-loop.js';
import { manualClock } from '../../support/manual-clock.js';
import { silentLogger } from '../../support/silent-logger.js';

const setUp = (reconcile: (key: string) => Promise<number | undefined>) => {
  const clock = manualClock();
  const errors: unknown[] = [];
  const ending = new AbortController();
  const loop = createControlLoop<string>({
    clock,
    logger: { ...silentLogger, error: (fields) => void errors.push(fields['error']) },
    workers: 2,
    resyncMs: 30_000,
    gatherMs: 5,
    keys: () => ['a', 'b'],
    textOf: (key) => key,
    reconcile,
  });
  const running = loop.run(ending.signal);
  return { clock, loop, errors, ending, running };
};

describe('the control loop', () => {
  it('passes over every key at the start and at each resync', async () => {
    const passes: string[] = [];
    const { clock } = setUp(async (key) => {
      passes.push(key);
      return undefined;
    });
    await clock.advance(100);
    expect(passes).toEqual(['a', 'b']);
    await clock.advance(30_000);
    expect(passes).toEqual(['a', 'b', 'a', 'b']);
  });

  it('makes one pass of many pokes', async () => {
    let passes = 0;
    const { clock, loop } = setUp(async (key) => {
      if (key === 'c') passes += 1;
      return undefined;
    });
    for (let n = 0; n < 10; n += 1) loop.poke('c');
    await clock.advance(100);
    expect(passes).toBe(1);
  });

  it('comes again when a pass asks for it', async () => {
    let passes = 0;
    const { clock } = setUp(async (key) => {
      if (key === 'a') passes += 1;
      return key === 'a' && passes < 3 ? 1000 : undefined;
    });
    await clock.advance(10_000);
    expect(passes).toBe(3);
  });

  it('catches a defect, logs it and tries again, without harm to other keys', async () => {
    let failures = 0;
    let others = 0;
    const { clock, errors } = setUp(async (key) => {
      if (key === 'b') others += 1;
      if (key === 'a' && failures < 2) {
        failures += 1;
        throw new Error('a bug');
      }
      return undefined;
    });
    await clock.advance(4000);
    expect(errors).toHaveLength(2);
    expect(others).toBe(1);
  });

  it('stops when told to, leaving no timer behind', async () => {
    const { clock, ending, running, loop } = setUp(async () => 1000);
    await clock.advance(2500);
    ending.abort();
    await running;
    loop.poke('a');
    expect(clock.timers()).toBe(0);
  });
});
