import type { Clock } from '../ports/clock.js';

/** Why a command is killed. */
export type StopCause = 'TimedOut' | 'Canceled';

/**
 * How a command ended, or why it must be stopped: whichever comes first. `ended` must not reject. One
 * timer and one listener per command, both gone afterwards.
 */
export const waitForEnd = <A>(
  clock: Clock,
  ended: Promise<A>,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<A | StopCause> =>
  new Promise((resolve) => {
    const settle = (how: A | StopCause): void => {
      timer.cancel();
      limits.signal.removeEventListener('abort', cancel);
      resolve(how);
    };
    const cancel = (): void => settle('Canceled');
    const timer = clock.setTimer(limits.timeoutMs, () => settle('TimedOut'));
    limits.signal.addEventListener('abort', cancel, { once: true });
    if (limits.signal.aborted) cancel();
    void ended.then(settle);
  });
