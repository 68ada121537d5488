import * as t from 'io-ts';

/** One line of the engine's answer to a pull, as far as it is used. */
const PullLine = t.partial({
  id: t.string,
  status: t.string,
  error: t.string,
  progressDetail: t.union([t.partial({ current: t.number, total: t.number }), t.null]),
});

interface Layer {
  readonly current: number;
  readonly total: number;
}

/** What a pull has said so far. */
export interface PullProgress {
  /** Takes one line; a line that is not JSON says nothing. */
  readonly take: (line: string) => void;
  /** `12 of 48 MB`, `unpacking`, or the engine's last word. */
  readonly text: () => string;
  /** What the engine reported as having gone wrong. */
  readonly error: () => string | undefined;
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** Adds up the layers of one pull. The engine tells a layer's size only once it downloads: the total may grow. */
export const createPullProgress = (): PullProgress => {
  const layers = new Map<string, Layer>();
  let last = 'asking the registry';
  let error: string | undefined;
  const downloading = (): boolean => [...layers.values()].some((l) => l.current < l.total);
  return {
    take: (line) => {
      const said = parse(line);
      if (!PullLine.is(said)) return;
      error = said.error ?? error;
      const { id, status, progressDetail } = said;
      const known = layers.get(id ?? '');
      if (id !== undefined && status === 'Downloading') {
        const total = progressDetail?.total ?? known?.total ?? 0;
        layers.set(id, { total, current: Math.min(progressDetail?.current ?? 0, total) });
      } else if (known !== undefined && id !== undefined) {
        // Any later status of a layer means that all of it is here.
        layers.set(id, { total: known.total, current: known.total });
      }
      if (status !== undefined && status !== '') last = status;
    },
    text: () => {
      if (layers.size === 0) return last;
      if (!downloading()) return 'unpacking';
      const sum = (part: (layer: Layer) => number): number =>
        [...layers.values()].reduce((total, layer) => total + part(layer), 0);
      return `${megabytes(sum((l) => l.current))} of ${megabytes(sum((l) => l.total))} MB`;
    },
    error: () => error,
  };
};
