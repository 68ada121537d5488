/** One durable change at a time for each thread, in the order of the calls. */
export interface LeaseTurns {
  readonly run: <A>(key: string, task: () => Promise<A>) => Promise<A>;
  readonly busy: (key: string) => boolean;
  /** Resolves when what is under way for this thread now, and what waits behind it, is over. */
  readonly settled: (key: string) => Promise<void>;
  /** Resolves when nothing is under way for any thread. */
  readonly idle: () => Promise<void>;
}

export const createLeaseTurns = (): LeaseTurns => {
  const tails = new Map<string, Promise<void>>();
  const settled = async (key: string): Promise<void> => tails.get(key);
  return {
    run: (key, task) => {
      // a free thread starts at once, without a turn of the event loop in between
      const before = tails.get(key);
      const result = before === undefined ? task() : before.then(task);
      const over = (): void => {
        if (tails.get(key) === tail) tails.delete(key);
      };
      const tail: Promise<void> = result.then(over, over);
      tails.set(key, tail);
      return result;
    },
    busy: (key) => tails.has(key),
    settled,
    idle: async () => {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
};
