import { giveBack } from '../runtime/chunk-pool.js';
import type { OutputName, OutputSink } from './command.js';

/** A sink with a bound on each stream. What is beyond the bound is dropped, so that the command can go on. */
export interface OutputCap {
  readonly sink: OutputSink;
  /** Nothing reaches the reader any more, and nobody is held back: for commands that are over, or are being killed. */
  readonly cutOff: () => void;
  readonly truncated: () => { readonly stdout: boolean; readonly stderr: boolean };
}

/** Passes at most `maxBytes` of stdout and of stderr each on to `sink`. Memory used does not grow with the output. */
export const capOutput = (sink: OutputSink, maxBytes: number): OutputCap => {
  const left: Record<OutputName, number> = { stdout: maxBytes, stderr: maxBytes };
  const truncated: Record<OutputName, boolean> = { stdout: false, stderr: false };
  let open = true;
  const waiting = new Set<() => void>();

  /** Waits for the reader, but not beyond `cutOff`. */
  const held = (reader: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        waiting.delete(done);
        resolve();
      };
      waiting.add(done);
      reader.then(done, done);
    });

  const pass = (output: OutputName, bytes: Buffer): void | Promise<void> => {
    const room = left[output];
    if (!open || bytes.length > room) truncated[output] = true;
    if (!open || room === 0) return giveBack(bytes);
    const kept = bytes.length > room ? bytes.subarray(0, room) : bytes;
    if (kept !== bytes) giveBack(bytes, bytes.length - room);
    left[output] = room - kept.length;
    const reader = sink(output, kept);
    return reader === undefined ? undefined : held(reader);
  };

  return {
    sink: pass,
    cutOff: () => {
      open = false;
      for (const done of waiting) done();
    },
    truncated: () => ({ ...truncated }),
  };
};
