import type { Progress } from './progress.js';

/** What the engine says about one layer while it pulls. */
export interface LayerReport {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** A line at every tenth of the way is enough on a terminal and in a log. */
const SHOWN_STEP = 0.1;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Adds the layers' reports up: `pulling python:3.13-alpine: 12 of 48 MB`. */
export const createPullProgress = (
  image: string,
  progress: Progress,
): ((report: LayerReport) => void) => {
  const layers = new Map<string, { readonly current: number; readonly total: number }>();
  let shown = 0;
  return ({ id, status, progressDetail }) => {
    const { current, total } = progressDetail ?? {};
    if (id === undefined || status !== 'Downloading') return;
    if (current === undefined || total === undefined) return;
    layers.set(id, { current, total });
    const done = [...layers.values()].reduce((sum, layer) => sum + layer.current, 0);
    const all = [...layers.values()].reduce((sum, layer) => sum + layer.total, 0);
    if (all === 0 || done / all < shown + SHOWN_STEP) return;
    shown = done / all;
    progress(`pulling ${image}: ${megabytes(done)} of ${megabytes(all)} MB`);
  };
};
