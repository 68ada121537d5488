import type { Logger } from '../ports/logger.js';

/** Whether the backend answers, as the latest calls tell. */
export interface BackendHealth {
  /** What the backend's silence looks like, for people; undefined while it answers. */
  readonly problem: () => string | undefined;
  readonly answered: () => void;
  readonly unavailable: (message: string) => void;
}

/** `onChange` hears when the backend falls silent and when it is back; the log too, once each. */
export const createBackendHealth = (options: {
  readonly logger: Logger;
  readonly onChange: () => void;
}): BackendHealth => {
  const { logger, onChange } = options;
  let problem: string | undefined;
  return {
    problem: () => problem,
    answered: () => {
      if (problem === undefined) return;
      problem = undefined;
      logger.info({}, 'the backend answers again');
      onChange();
    },
    unavailable: (message) => {
      const news = problem === undefined;
      // the first message stays, as a condition that changes with every try tells nothing more
      problem ??= message;
      if (!news) return;
      logger.warn({ error: message }, 'the backend does not answer; trying again until it does');
      onChange();
    },
  };
};
