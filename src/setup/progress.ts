/** Says what is going on, one line a step; goes to stderr, as stdout belongs to results. */
export type Progress = (message: string) => void;

/** `engine   starting dockerd`: the part of the set-up, then what it does. */
export const progressOf =
  (part: string): Progress =>
  (message) => {
    process.stderr.write(`${part.padEnd(8)} ${message}\n`);
  };
