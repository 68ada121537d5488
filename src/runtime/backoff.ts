/** How long to wait between tries: doubles from `firstMs` up to `longestMs`. */
export interface BackoffSettings {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Doublings beyond this exceed every bound that anyone would set, and would overflow in the end. */
const MOST_DOUBLINGS = 40;

/**
 * Milliseconds to wait after so many failures in a row; 0 after none.
 * With first 1 s and longest 5 min: 1 s, 2 s, 4 s, … 256 s, 300 s, 300 s.
 */
export const backoffMs = (settings: BackoffSettings, failures: number): number =>
  failures <= 0
    ? 0
    : Math.min(settings.longestMs, settings.firstMs * 2 ** Math.min(failures - 1, MOST_DOUBLINGS));
