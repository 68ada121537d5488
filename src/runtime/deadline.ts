import type { Clock } from '../ports/clock.js';

/** What a race against time gives when the time was up first. */
export const TIMED_OUT = Symbol('timed out');

/**
 * The result of `work`, or TIMED_OUT after `ms` milliseconds. Work that was too slow goes on unheard:
 * it must be harmless, and must not reject.
 */
export const withDeadline = <A>(
  clock: Clock,
  ms: number,
  work: Promise<A>,
): Promise<A | typeof TIMED_OUT> =>
  new Promise((resolve, reject) => {
    const timer = clock.setTimer(ms, () => resolve(TIMED_OUT));
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (cause: unknown) => {
        timer.cancel();
        reject(cause instanceof Error ? cause : new Error(String(cause)));
      },
    );
  });
