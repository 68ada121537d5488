/** Runs tasks, at most so many at a time; the others wait in the order of their calls. */
export interface BoundedRunner {
  readonly run: <A>(task: () => Promise<A>) => Promise<A>;
  /** Tasks that run now. */
  readonly running: () => number;
}

/** A runner for `limit` (1 or more) tasks at a time. A task that rejects gives up its place too. */
export const boundedRunner = (limit: number): BoundedRunner => {
  const waiting: (() => void)[] = [];
  let running = 0;
  const enter = async (): Promise<void> => {
    if (running < limit) {
      running += 1;
      return;
    }
    // the place is handed over by `leave`, so that nobody who comes later can take it
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return {
    run: async (task) => {
      await enter();
      try {
        return await task();
      } finally {
        leave();
      }
    },
    running: () => running,
  };
};

/** Runs `work` on every item, at most `limit` at a time; resolves with the results in the items' order. */
export const runBounded = <A, B>(
  items: readonly A[],
  limit: number,
  work: (item: A) => Promise<B>,
): Promise<readonly B[]> => {
  const runner = boundedRunner(limit);
  return Promise.all(items.map((item) => runner.run(() => work(item))));
};
