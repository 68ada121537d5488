/** A timer that has been set; cancelling one that has fired does nothing. */
export interface Timer {
  readonly cancel: () => void;
}

/** Time, as the program sees it. Tests turn it by hand. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970: for what is written down or shown. */
  readonly now: () => number;
  /** Milliseconds that never go back and ignore clock changes: for measuring and for deadlines within a process. */
  readonly monotonic: () => number;
  /** Calls `run` once, `ms` milliseconds from now (0 or more; longer than Node's own 24.8 days is allowed). */
  readonly setTimer: (ms: number, run: () => void) => Timer;
}
