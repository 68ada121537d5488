import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';

/** What one look at the files came to. `Settling`: they changed, and may not be written to the end yet. */
export type LookOutcome = 'Unchanged' | 'Settling' | 'Applied';

/** Notices within this time what no event told: links swapped elsewhere, network file systems. */
const POLL_MS = 2000;
/** Programs that write a file in pieces do so within a few milliseconds. */
const SETTLE_MS = 100;

export interface ManifestWatcherOptions {
  readonly paths: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly look: () => Promise<LookOutcome>;
}

/** Files are watched by their directory: editors replace a file rather than write to it. */
const directoryOf = (path: string): string =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path);

/** Events are hints only. Where there are none (no such directory, no watches left) polling does. */
const startWatches = (options: ManifestWatcherOptions, hint: () => void): readonly FSWatcher[] =>
  [...new Set(options.paths.map(directoryOf))].flatMap((directory) => {
    const unwatched = (error: unknown): void =>
      options.logger.debug({ directory, error }, 'directory cannot be watched, polling it');
    try {
      const watcher = watch(directory, { persistent: false }, hint);
      watcher.on('error', (error) => {
        unwatched(error);
        watcher.close();
      });
      return [watcher];
    } catch (error) {
      unwatched(error);
      return [];
    }
  });

/** Looks whenever something may have changed, until `signal` aborts. */
export const runManifestWatcher = async (
  options: ManifestWatcherOptions,
  signal: AbortSignal,
): Promise<void> => {
  const state = { hinted: false, wake: () => {} };
  const hint = (): void => {
    state.hinted = true;
    state.wake();
  };
  /** Waits, but no longer once a hint came and `enough` says so. */
  const wait = (ms: number, enough: () => boolean): Promise<void> =>
    new Promise((done) => {
      if (enough()) return done();
      const timer = options.clock.setTimer(ms, done);
      state.wake = () => {
        if (!enough()) return;
        timer.cancel();
        done();
      };
    });
  const watches = startWatches(options, hint);
  signal.addEventListener('abort', hint, { once: true });
  try {
    while (!signal.aborted) {
      state.hinted = false;
      const outcome = await options.look();
      // Also keeps a busy directory (a log file in it, say) from being read without a pause.
      await wait(SETTLE_MS, () => signal.aborted);
      if (outcome === 'Settling') continue;
      await wait(POLL_MS - SETTLE_MS, () => signal.aborted || state.hinted);
    }
  } finally {
    signal.removeEventListener('abort', hint);
    for (const each of watches) each.close();
  }
};
