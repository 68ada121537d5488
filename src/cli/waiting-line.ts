import type { CliDeps } from './cli-deps.js';
import { write } from './write.js';

/** A line on a terminal that says what is waited for, until it is taken away. */
export interface WaitingLine {
  /** To be called before anything else is printed, and at the end. Idempotent. */
  readonly end: () => Promise<void>;
}

/** A warm sandbox comes within milliseconds: who waits longer begins to wonder. Then counted by the second. */
const STEP_MS = 1000;

const CLEAR_LINE = '\r\u001b[K';

/** Longer lines would wrap on a narrow terminal, and could not be taken away. */
const LONGEST_NAME = 30;

const shortened = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;

/**
 * Shows after some time that a sandbox is waited for, as long as `waits` says that it still is: a command
 * that has its sandbox and prints nothing is no reason to say anything. Shows nothing where stderr is no terminal.
 */
export const waitingLine = (
  deps: Pick<CliDeps, 'stderr' | 'stderrIsTty' | 'clock'>,
  what: { readonly pool: string; readonly waits: () => Promise<boolean> },
): WaitingLine => {
  if (!deps.stderrIsTty) return { end: async () => undefined };
  const { stderr, clock } = deps;
  const since = clock.monotonic();
  let ended = false;
  let shown = false;

  const end = async (): Promise<void> => {
    timer.cancel();
    if (ended) return;
    ended = true;
    if (shown) await write(stderr, CLEAR_LINE);
  };
  const step = async (): Promise<void> => {
    const waits = await what.waits();
    if (ended) return;
    if (!waits) return end();
    shown = true;
    const seconds = Math.round((clock.monotonic() - since) / 1000);
    const text = `waiting for a sandbox of pool ${shortened(what.pool)} (${seconds} s)…`;
    timer = next();
    await write(stderr, CLEAR_LINE + text);
  };
  const next = () => clock.setTimer(STEP_MS, () => void step());
  let timer = next();
  return { end };
};
