import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type PoolKey, poolKeyText } from '../api/pool-key.js';

type Labels = Readonly<Record<string, string>>;

/** Sets or adds a value in the series of that pool and of these further labels. */
export type RecordValue = (pool: PoolKey, value: number, labels?: Labels) => void;

export interface SeriesOptions {
  readonly name: string;
  readonly help: string;
  /** Label names beside `namespace` and `pool`. */
  readonly labels?: readonly string[];
}

/** Metrics whose every series belongs to a pool, so that a pool's series can go when it goes. */
export interface PoolSeries {
  readonly gauge: (options: SeriesOptions) => RecordValue;
  readonly counter: (options: SeriesOptions) => RecordValue;
  readonly histogram: (
    options: SeriesOptions & { readonly buckets: readonly number[] },
  ) => RecordValue;
  readonly forget: (pool: PoolKey) => void;
}

interface Removable {
  readonly remove: (labels: Labels) => void;
}

export const createPoolSeries = (registry: Registry): PoolSeries => {
  /** By pool, then by metric and label values: how to remove that series. */
  const known = new Map<string, Map<string, () => void>>();

  const labelled = (metric: Removable, name: string, pool: PoolKey, more: Labels): Labels => {
    const labels = { namespace: pool.namespace, pool: pool.name, ...more };
    const poolText = poolKeyText(pool);
    const ofPool = known.get(poolText) ?? new Map<string, () => void>();
    known.set(poolText, ofPool);
    const series = `${name} ${Object.values(more).join(' ')}`;
    if (!ofPool.has(series)) ofPool.set(series, () => metric.remove(labels));
    return labels;
  };

  const common = (options: SeriesOptions) => ({
    name: options.name,
    help: options.help,
    labelNames: ['namespace', 'pool', ...(options.labels ?? [])],
    registers: [registry],
  });

  return {
    gauge: (options) => {
      const gauge = new Gauge(common(options));
      return (pool, value, labels = {}) =>
        gauge.set(labelled(gauge, options.name, pool, labels), value);
    },
    counter: (options) => {
      const counter = new Counter(common(options));
      return (pool, value, labels = {}) =>
        counter.inc(labelled(counter, options.name, pool, labels), value);
    },
    histogram: (options) => {
      const histogram = new Histogram({ ...common(options), buckets: [...options.buckets] });
      return (pool, value, labels = {}) =>
        histogram.observe(labelled(histogram, options.name, pool, labels), value);
    },
    forget: (pool) => {
      for (const remove of known.get(poolKeyText(pool))?.values() ?? []) remove();
      known.delete(poolKeyText(pool));
    },
  };
};
