import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { PoolKey } from '../api/pool-key.js';
import { PHASES } from '../core/pool/sandbox.js';
import type { Metrics } from '../ports/metrics.js';
import { boundedLabel } from './bounded-label.js';
import { createPoolSeries, type PoolSeries, type SeriesOptions } from './pool-series.js';

export interface PromMetrics {
  readonly metrics: Metrics;
  /** All figures in the Prometheus text format. */
  readonly text: () => Promise<string>;
  /** What `text` is, for the Content-Type header. */
  readonly contentType: string;
}

/** Different reasons in one label; the program itself knows a dozen for each. */
const MOST_REASONS = 32;
/** Event loop delay is sampled this often: the default of 10 ms costs an idle process measurable CPU. */
const LOOP_SAMPLING_MS = 100;
/** A command costs about a millisecond; the upper end is a command's longest usual timeout. */
const COMMAND_BUCKETS = [
  0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 300,
];
/** Microseconds when the lease and a shell are there; up to seconds when shells have to be opened first. */
const OVERHEAD_BUCKETS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5, 10,
];
/** A warm lease takes well under a millisecond; the queue's deadline is tens of seconds. */
const WAIT_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** A container takes a tenth of a second, an image to pull takes minutes. */
const CREATION_BUCKETS = [0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600];

/** Figures for Prometheus: everything is named `warmpool_…` and carries its unit; series of a pool go with the pool. */
export const createPromMetrics = (options: { readonly version: string }): PromMetrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLING_MS });
  new Gauge({
    name: 'warmpool_build_info',
    help: 'Always 1; the label tells the version.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: options.version }, 1);
  const series = createPoolSeries(registry);
  return {
    metrics: createMetrics(series),
    text: () => {
      series.flush();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
};

const createMetrics = (series: PoolSeries): Metrics => {
  const sandboxes = series.gauge({
    name: 'warmpool_sandboxes',
    help: 'Sandboxes of the pool by phase.',
    labels: ['phase'],
  });
  const desired = series.gauge({
    name: 'warmpool_sandboxes_desired',
    help: 'Warm sandboxes that the pool is to hold.',
  });
  const created = series.histogram({
    name: 'warmpool_sandbox_creation_seconds',
    help: 'Time from asking for a sandbox until it was ready; the count is the number of creations.',
    buckets: CREATION_BUCKETS,
  });
  const createFailed = countByReason(series, {
    name: 'warmpool_sandbox_creation_failures_total',
    help: 'Creations that failed, by reason.',
  });
  const recycled = countByReason(series, {
    name: 'warmpool_sandboxes_recycled_total',
    help: 'Sandboxes retired, by reason.',
  });
  return {
    poolSizes: (pool, sizes, target) => {
      for (const phase of PHASES) sandboxes(pool, sizes[phase], { phase });
      desired(pool, target);
    },
    forgetPool: series.forget,
    sandboxCreated: created,
    sandboxCreateFailed: createFailed,
    sandboxRecycled: recycled,
    ...leaseMetrics(series),
    command: commandMetric(series),
  };
};

type LeaseMetrics = Pick<Metrics, 'leaseGranted' | 'leaseRefused' | 'leaseEnded' | 'queueLength'>;

const leaseMetrics = (series: PoolSeries): LeaseMetrics => {
  const granted = series.counter({
    name: 'warmpool_leases_granted_total',
    help: 'Leases granted: from a sandbox that was ready (warm), or after waiting (queue).',
    labels: ['source'],
  });
  const waited = series.histogram({
    name: 'warmpool_lease_wait_seconds',
    help: 'Time until a lease was granted.',
    buckets: WAIT_BUCKETS,
  });
  return {
    leaseGranted: (pool, hit, waitedSeconds) => {
      granted(pool, 1, { source: hit ? 'warm' : 'queue' });
      waited(pool, waitedSeconds);
    },
    leaseRefused: countByReason(series, {
      name: 'warmpool_leases_refused_total',
      help: 'Leases refused, by reason.',
    }),
    leaseEnded: countByReason(series, {
      name: 'warmpool_leases_ended_total',
      help: 'Leases that ended, by reason.',
    }),
    queueLength: series.gauge({
      name: 'warmpool_lease_queue_length',
      help: 'Callers waiting for a sandbox.',
    }),
  };
};

const commandMetric = (series: PoolSeries): Metrics['command'] => {
  const commands = series.counter({
    name: 'warmpool_commands_total',
    help: "Commands that ended, by outcome and by way: over a resident shell or the engine's own exec.",
    labels: ['outcome', 'via'],
  });
  const duration = series.histogram({
    name: 'warmpool_command_seconds',
    help: 'Time of a command, from handing it over until its end was known.',
    labels: ['via'],
    buckets: COMMAND_BUCKETS,
  });
  const overhead = series.histogram({
    name: 'warmpool_command_overhead_seconds',
    help: 'Time spent on a command before and after its shell had it, the queue not counted.',
    labels: ['via'],
    buckets: OVERHEAD_BUCKETS,
  });
  return (pool, { outcome, via, seconds, overheadSeconds }) => {
    commands(pool, 1, { outcome, via });
    duration(pool, seconds, { via });
    if (overheadSeconds !== undefined) overhead(pool, overheadSeconds, { via });
  };
};

const countByReason = (
  series: PoolSeries,
  options: SeriesOptions,
): ((pool: PoolKey, reason: string) => void) => {
  const count = series.counter({ ...options, labels: ['reason'] });
  const bounded = boundedLabel(MOST_REASONS);
  return (pool, reason) => count(pool, 1, { reason: bounded(reason) });
};
