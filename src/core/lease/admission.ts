/** What becomes of a caller that wants a sandbox now. */
export type Admission = 'Serve' | 'Wait' | 'QueueFull' | 'NoSandbox';

export interface AdmissionInput {
  /** Whether a sandbox is there to be had. */
  readonly ready: boolean;
  /** Callers that wait already. */
  readonly waiting: number;
  readonly queue: { readonly maxLength: number; readonly timeoutSeconds: number };
}

/**
 * Every caller is served, or waits, or is refused. Nobody overtakes: while others wait, a sandbox that
 * is ready is theirs. A queue with no time to wait in refuses like one that nobody came out of in time.
 */
export const admit = ({ ready, waiting, queue }: AdmissionInput): Admission => {
  if (ready && waiting === 0) return 'Serve';
  if (waiting >= queue.maxLength) return 'QueueFull';
  return queue.timeoutSeconds === 0 ? 'NoSandbox' : 'Wait';
};
