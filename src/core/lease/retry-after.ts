/** How far back sandboxes that became ready tell something about the next minutes. */
export const READY_WINDOW_MS = 60_000;
/** What to say when nothing became ready lately: often enough to notice, seldom enough not to disturb. */
const UNKNOWN_SECONDS = 10;
const SHORTEST_SECONDS = 1;
const LONGEST_SECONDS = 300;

export interface ReadyHistory {
  /** Callers that wait, and would be served before a new one. */
  readonly waiting: number;
  /** When sandboxes became ready, in milliseconds of the clock that `now` is from; oldest first. */
  readonly readyTimes: readonly number[];
  readonly now: number;
}

/**
 * In how many seconds another try is worth it: the time in which as many sandboxes as there are callers
 * waiting, and one more, become ready at the rate of the last minute. Whole seconds, 1 to 300.
 */
export const retryAfterSeconds = ({ waiting, readyTimes, now }: ReadyHistory): number => {
  const recent = readyTimes.filter((at) => at > now - READY_WINDOW_MS);
  const [oldest] = recent;
  if (oldest === undefined) return UNKNOWN_SECONDS;
  const secondsEach = Math.max(now - oldest, 1000) / 1000 / recent.length;
  const seconds = Math.ceil((waiting + 1) * secondsEach);
  return Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, seconds));
};
