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
  /** Hands over what has gathered. To be called before the registry is read. */
  readonly flush: () => void;
}

/** One series of one metric. */
interface Series {
  readonly record: (value: number) => void;
  readonly flush: () => void;
  readonly remove: () => void;
}

/** Commands are measured while somebody waits for them: the registry, slow at finding a series, gets so many values at once. */
const GATHERED_VALUES = 64;

const nothing = (): void => undefined;

const gaugeSeries = (gauge: Gauge, labels: Labels): Series => ({
  record: (value) => gauge.set(labels, value),
  flush: nothing,
  remove: () => gauge.remove(labels),
});

const counterSeries = (counter: Counter, labels: Labels): Series => {
  let gathered = 0;
  return {
    record: (value) => {
      gathered += value;
    },
    flush: () => {
      if (gathered > 0) counter.inc(labels, gathered);
      gathered = 0;
    },
    remove: () => counter.remove(labels),
  };
};

const histogramSeries = (histogram: Histogram, labels: Labels): Series => {
  const gathered: number[] = [];
  const flush = (): void => {
    for (const value of gathered) histogram.observe(labels, value);
    gathered.length = 0;
  };
  return {
    record: (value) => {
      gathered.push(value);
      if (gathered.length >= GATHERED_VALUES) flush();
    },
    flush,
    remove: () => histogram.remove(labels),
  };
};

export const createPoolSeries = (registry: Registry): PoolSeries => {
  /** By pool, then by metric and label values. */
  const known = new Map<string, Map<string, Series>>();

  const seriesOf = (pool: PoolKey): Map<string, Series> => {
    const poolText = poolKeyText(pool);
    const found = known.get(poolText) ?? new Map<string, Series>();
    if (found.size === 0) known.set(poolText, found);
    return found;
  };

  const recorder =
    (name: string, create: (labels: Labels) => Series): RecordValue =>
    (pool, value, more = {}) => {
      const ofPool = seriesOf(pool);
      const key = `${name} ${Object.values(more).join(' ')}`;
      const found = ofPool.get(key);
      const series = found ?? create({ namespace: pool.namespace, pool: pool.name, ...more });
      if (found === undefined) ofPool.set(key, series);
      series.record(value);
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
      return recorder(options.name, (labels) => gaugeSeries(gauge, labels));
    },
    counter: (options) => {
      const counter = new Counter(common(options));
      return recorder(options.name, (labels) => counterSeries(counter, labels));
    },
    histogram: (options) => {
      const histogram = new Histogram({ ...common(options), buckets: [...options.buckets] });
      return recorder(options.name, (labels) => histogramSeries(histogram, labels));
    },
    forget: (pool) => {
      for (const { remove } of known.get(poolKeyText(pool))?.values() ?? []) remove();
      known.delete(poolKeyText(pool));
    },
    flush: () => {
      for (const ofPool of known.values()) for (const series of ofPool.values()) series.flush();
    },
  };
};
