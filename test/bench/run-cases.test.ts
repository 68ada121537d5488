import { describe, expect, it } from '@jest/globals';
import { type BenchCase, runCases } from './run-cases.js';

const counting = (name: string, row: number, warmUp: boolean, calls: string[]): BenchCase => ({
  name,
  row,
  warmUp,
  sample: () => {
    calls.push(name);
    return Promise.resolve({ [name]: calls.length });
  },
});

const idle = { restMs: 0, onRound: () => undefined, signal: new AbortController().signal };

describe('runCases', () => {
  it('runs a row of every case in every round, and does not count warm-up calls', async () => {
    const calls: string[] = [];
    const cases = [counting('a', 2, true, calls), counting('b', 1, false, calls)];
    const samples = await runCases({ ...idle, cases, rounds: 3 });
    expect(samples.get('a')).toHaveLength(6);
    expect(samples.get('b')).toHaveLength(3);
    expect(calls).toHaveLength(3 * 3 + 3);
  });

  it('runs cases in before the first round, uncounted', async () => {
    const calls: string[] = [];
    const cases = [{ ...counting('a', 1, false, calls), runIn: 3 }, counting('b', 1, false, calls)];
    const samples = await runCases({ ...idle, cases, rounds: 1 });
    expect(calls).toEqual(['a', 'a', 'a', 'a', 'b']);
    expect(samples.get('a')).toHaveLength(1);
  });

  it('turns the order with the rounds', async () => {
    const calls: string[] = [];
    const cases = [counting('a', 1, false, calls), counting('b', 1, false, calls)];
    await runCases({ ...idle, cases, rounds: 2 });
    expect(calls).toEqual(['a', 'b', 'b', 'a']);
  });

  it('ends between two calls when it is interrupted', async () => {
    const cases = [counting('a', 1, false, [])];
    const run = runCases({ ...idle, cases, rounds: 1, signal: AbortSignal.abort() });
    await expect(run).rejects.toThrow();
  });
});
