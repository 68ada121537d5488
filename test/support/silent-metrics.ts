import type { Metrics } from '../../src/ports/metrics.js';

const nothing = (): void => undefined;

/** For tests that do not look at figures. */
export const silentMetrics: Metrics = {
  poolSizes: nothing,
  forgetPool: nothing,
  leaseGranted: nothing,
  leaseRefused: nothing,
  leaseEnded: nothing,
  queueLength: nothing,
  command: nothing,
  sandboxCreated: nothing,
  sandboxCreateFailed: nothing,
  sandboxRecycled: nothing,
};
