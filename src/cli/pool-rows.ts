import type { Pool } from '../client/replies.js';
import type { Printable } from './output.js';
import { type Cell, cell } from './table.js';

const PROGRESS = 'warmpool.dev/progress';

/** How a pool is doing, in a word or a few. */
const statusCell = ({ metadata, status }: Pool): Cell => {
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
  const degraded = condition('Degraded');
  if (degraded?.status === 'True') {
    return { text: `Degraded: ${degraded.reason ?? degraded.message ?? ''}`, colour: 'red' };
  }
  const progress = metadata.annotations?.[PROGRESS];
  if (progress !== undefined) return { text: progress, colour: 'yellow' };
  const ready = condition('Ready');
  if (ready?.status === 'True') return { text: 'Ready', colour: 'green' };
  // nothing is under way that would end it: threads wait for one another
  return { text: ready?.reason === 'Exhausted' ? 'Exhausted' : 'Progressing', colour: 'yellow' };
};

/** Pools, one a row. */
export const poolRows = (pools: readonly Pool[], value: unknown): Printable => ({
  value,
  headings: ['NAMESPACE', 'NAME', 'READY', 'LEASED', 'TOTAL', 'STATUS'],
  rows: pools.map((pool) => [
    cell(pool.metadata.namespace),
    cell(pool.metadata.name),
    cell(`${pool.status?.readyReplicas ?? 0}/${pool.spec.replicas}`),
    cell(pool.status?.leasedReplicas ?? 0),
    cell(pool.status?.replicas ?? 0),
    statusCell(pool),
  ]),
  wide: {
    headings: ['MAX', 'UPDATED', 'IMAGE'],
    rows: pools.map((pool) => [
      cell(pool.spec.maxSandboxes),
      cell(pool.status?.updatedReplicas ?? 0),
      cell(pool.spec.template.spec.containers[0]?.image),
    ]),
  },
  names: pools.map((pool) => pool.metadata.name),
});

/** Pools with the callers that wait for each, for `top`. */
export const topRows = (
  pools: readonly { readonly pool: Pool; readonly queueLength: number }[],
): Printable => {
  const rows = poolRows(
    pools.map(({ pool }) => pool),
    undefined,
  );
  return {
    ...rows,
    headings: [...rows.headings.slice(0, 5), 'WAITING', 'STATUS'],
    rows: rows.rows.map((row, index) => [
      ...row.slice(0, 5),
      cell(pools[index]?.queueLength),
      ...row.slice(5),
    ]),
  };
};
