import Table from 'cli-table3';
import { type Aim, FIGURES, type Summaries, type Totals } from './figures.js';

const ms = (value: number): string => (value < 100 ? value.toFixed(2) : value.toFixed(0));

/** How many times faster than `value` an HTTP execute is. */
const ratio = (value: number, http: number): string => `${(value / http).toFixed(2)} x`;

const style = { head: [], border: [] };

/** Times of one call, with each p50 beside that of an HTTP execute. */
export const showSummaries = (summaries: Summaries): string => {
  const http = summaries[FIGURES.http]?.p50 ?? Number.NaN;
  const table = new Table({
    head: ['one call', 'p50 ms', 'p90 ms', 'p99 ms', 'calls', 'p50 / HTTP execute'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style,
  });
  for (const name of Object.values(FIGURES)) {
    const figure = summaries[name];
    if (figure === undefined) continue;
    const { p50, p90, p99, count } = figure;
    table.push([name, ms(p50), ms(p90), ms(p99), String(count), ratio(p50, http)]);
  }
  return table.toString();
};

export const showTotals = (totals: Totals): string => {
  const table = new Table({ colAligns: ['left', 'right'], style });
  table.push(
    ['commands a second, 16 callers on 8 sandboxes', totals.throughput.toFixed(0)],
    ['20 sandboxes from empty, ms', totals.fillMs.toFixed(0)],
    ['operator memory with 20 warm sandboxes, MB', totals.idleMemoryMb.toFixed(1)],
    ['operator CPU, idle with 20 warm sandboxes, % of a core', totals.idleCpuPercent.toFixed(2)],
    ['memory kept after 1 GB of output, MB', totals.outputGrowthMb.toFixed(1)],
    ['memory at its highest during 1 GB of output, MB more', totals.outputPeakGrowthMb.toFixed(1)],
  );
  return table.toString();
};

export const showAims = (aims: readonly Aim[]): string => {
  const table = new Table({
    head: ['aim', 'this run', ''],
    colAligns: ['left', 'right', 'left'],
    style,
  });
  for (const { text, value, unit, met } of aims) {
    table.push([text, `${value.toFixed(2)}${unit}`, met ? 'met' : 'MISSED']);
  }
  return table.toString();
};
