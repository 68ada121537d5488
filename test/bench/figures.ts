import type { Summary } from './statistics.js';

/** Names of what is measured; they are also the keys of the JSON. */
export const FIGURES = {
  container: 'container per command',
  engineExec: 'engine exec',
  spawn: 'spawn on the host',
  inProcess: 'warmpool execute, in-process',
  http: 'warmpool execute, HTTP',
  inProcessAcquire: 'acquire a warm lease, in-process',
  inProcessRelease: 'release, in-process',
  httpAcquire: 'acquire a warm lease, HTTP',
  httpRelease: 'release, HTTP',
} as const;

/** What is not a time of one call. */
export interface Totals {
  /** Commands a second, 16 callers on 8 sandboxes. */
  readonly throughput: number;
  /** Milliseconds from an empty pool to 20 ready sandboxes. */
  readonly fillMs: number;
  /** Resident memory of the operator with 20 warm sandboxes, in MB. */
  readonly idleMemoryMb: number;
  /** Percent of one core, idle with 20 warm sandboxes. */
  readonly idleCpuPercent: number;
  /** MB that the operator's memory grew by over a command that printed 1 GB: afterwards, and at most meanwhile. */
  readonly outputGrowthMb: number;
  readonly outputPeakGrowthMb: number;
}

export type Summaries = Readonly<Record<string, Summary>>;

/** One of the project's aims, and what this run came to. */
export interface Aim {
  readonly text: string;
  readonly value: number;
  readonly unit: string;
  readonly met: boolean;
}

const p50 = (summaries: Summaries, name: string): number => summaries[name]?.p50 ?? Number.NaN;

const atMost = (text: string, value: number, limit: number, unit: string): Aim => ({
  text: `${text}: at most ${limit}${unit}`,
  value,
  unit,
  met: value <= limit,
});

const atLeast = (text: string, value: number, limit: number, unit: string): Aim => ({
  text: `${text}: at least ${limit}${unit}`,
  value,
  unit,
  met: value >= limit,
});

/** The aims, as ratios within the run: the same machine in the same minute. */
export const judge = (summaries: Summaries, totals: Totals): readonly Aim[] => {
  const http = p50(summaries, FIGURES.http);
  const spawn = p50(summaries, FIGURES.spawn);
  const httpP99 = summaries[FIGURES.http]?.p99 ?? Number.NaN;
  const acquire = p50(summaries, FIGURES.httpAcquire);
  return [
    atMost('HTTP execute / spawn', http / spawn, 1, 'x'),
    atLeast('engine exec / HTTP execute', p50(summaries, FIGURES.engineExec) / http, 30, 'x'),
    atLeast('container / HTTP execute', p50(summaries, FIGURES.container) / http, 80, 'x'),
    atMost('in-process execute / spawn', p50(summaries, FIGURES.inProcess) / spawn, 0.65, 'x'),
    atMost('HTTP execute p99 / p50', httpP99 / http, 5, 'x'),
    atMost('HTTP acquire / HTTP execute', acquire / http, 2, 'x'),
    atMost('idle CPU with 20 sandboxes', totals.idleCpuPercent, 2, ' %'),
    atMost('memory with 20 sandboxes', totals.idleMemoryMb, 150, ' MB'),
    atMost('memory kept after 1 GB of output', totals.outputGrowthMb, 50, ' MB'),
  ];
};
