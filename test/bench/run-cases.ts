import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds under the name of what was measured; most cases measure one thing. */
export type Sample = Readonly<Record<string, number>>;

/** Something to measure again and again. */
export interface BenchCase {
  readonly name: string;
  /** Calls that are measured in each round, one after another. */
  readonly row: number;
  /** Whether a call that is not measured goes first: what other cases left in caches is not this one's cost. */
  readonly warmUp: boolean;
  /** Calls before the first round: an operator runs for days, and its code is compiled after some thousand commands. */
  readonly runIn?: number;
  readonly sample: () => Promise<Sample>;
  /** After the row: what it set going must not meet the next case. */
  readonly settle?: () => Promise<void>;
}

/** Calls after which a cheap case has settled. */
export const RUN_IN = 2_000;

/** How long a call took, in milliseconds. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** A case that is one call, measured under its own name. */
export const oneCall = (
  options: Omit<BenchCase, 'sample'> & { readonly call: () => Promise<unknown> },
): BenchCase => ({
  name: options.name,
  row: options.row,
  warmUp: options.warmUp,
  ...(options.runIn !== undefined && { runIn: options.runIn }),
  sample: async () => ({ [options.name]: await timed(options.call) }),
});

export interface RunCasesOptions {
  readonly cases: readonly BenchCase[];
  readonly rounds: number;
  /** Pause before each row, in milliseconds: what the row before set going is not this one's cost. */
  readonly restMs: number;
  readonly onRound: (round: number) => void;
  /** Ends the run between two calls. */
  readonly signal: AbortSignal;
}

/**
 * Runs a row of every case in every round, so that what else the machine does meets all of them alike.
 * The order turns with the rounds: no case is always the one after a container was removed.
 */
export const runCases = async (
  options: RunCasesOptions,
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const samples = new Map<string, number[]>();
  const keep = (sample: Sample): void => {
    for (const [name, ms] of Object.entries(sample)) {
      const row = samples.get(name) ?? [];
      row.push(ms);
      samples.set(name, row);
    }
  };
  for (const { runIn = 0, sample } of options.cases) {
    for (let call = 0; call < runIn; call += 1) {
      options.signal.throwIfAborted();
      await sample();
    }
  }
  for (let round = 0; round < options.rounds; round += 1) {
    options.onRound(round + 1);
    const turn = round % options.cases.length;
    for (const each of [...options.cases.slice(turn), ...options.cases.slice(0, turn)]) {
      await sleep(options.restMs);
      if (each.warmUp) await each.sample();
      for (let call = 0; call < each.row; call += 1) {
        options.signal.throwIfAborted();
        keep(await each.sample());
      }
      await each.settle?.();
    }
  }
  return samples;
};
