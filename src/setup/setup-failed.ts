/** The set-up cannot go on; `message` is one sentence for the person who started it. */
export interface SetupFailed {
  readonly type: 'SetupFailed';
  readonly message: string;
}

export const setupFailed = (message: string): SetupFailed => ({ type: 'SetupFailed', message });
