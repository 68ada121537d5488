import type { OutputName } from '../exec/command.js';
import { outputStore } from './output-store.js';

/** Both streams of a command, kept until the reply has been written. */
export interface PrintedOutput {
  readonly add: (output: OutputName, bytes: Buffer) => void;
  readonly bytes: () => Readonly<Record<OutputName, Buffer>>;
  /** Gives the memory back; what `bytes` gave must not be read any more. */
  readonly release: () => void;
}

/** Keeps at most `maxBytes` of each stream. */
export const printedOutput = (maxBytes: number): PrintedOutput => {
  const stores = { stdout: outputStore(maxBytes), stderr: outputStore(maxBytes) };
  return {
    add: (output, bytes) => stores[output].add(bytes),
    bytes: () => ({ stdout: stores.stdout.bytes(), stderr: stores.stderr.bytes() }),
    release: () => {
      stores.stdout.release();
      stores.stderr.release();
    },
  };
};
