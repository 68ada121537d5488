import type { Logger } from '../ports/logger.js';

/** Long work that passes start and do not wait for: never two jobs under one key. */
export interface KeyedJobs {
  /** Starts a job, unless one of that key is under way. */
  readonly start: (key: string, job: () => Promise<void>) => void;
  readonly has: (key: string) => boolean;
  /** Resolves when the jobs that are under way now are over. */
  readonly idle: () => Promise<void>;
}

/**
 * `onEnd` hears of each job that is over. A job that throws is a defect: it is logged, and what it was
 * to do is for the next pass to find.
 */
export const createKeyedJobs = (options: {
  readonly logger: Logger;
  readonly onEnd: (key: string) => void;
}): KeyedJobs => {
  const running = new Map<string, Promise<void>>();
  const run = async (key: string, job: () => Promise<void>): Promise<void> => {
    try {
      await job();
    } catch (error) {
      options.logger.error({ key, error }, 'a job failed: this is a defect');
    } finally {
      running.delete(key);
      options.onEnd(key);
    }
  };
  return {
    start: (key, job) => {
      if (running.has(key)) return;
      // from a turn of its own, so that the job is on record before it can end
      running.set(
        key,
        Promise.resolve().then(() => run(key, job)),
      );
    },
    has: (key) => running.has(key),
    idle: async () => {
      await Promise.all(running.values());
    },
  };
};
