import type { ExecuteReply } from '../../exec/execute.js';

/** Microseconds are plenty. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** How a command ended, as the reply and the last line of a stream say it. Output comes beside it. */
export const execView = ({ result, lease, timings }: ExecuteReply) => ({
  exitCode: result.exitCode,
  ...(result.signal === undefined ? {} : { signal: result.signal }),
  timedOut: result.timedOut,
  ...(result.canceled ? { canceled: true } : {}),
  truncated: result.truncated,
  sandbox: lease.sandbox.name,
  leaseEpoch: lease.epoch,
  timings: {
    queueMs: rounded(timings.queueMs),
    leaseMs: rounded(timings.leaseMs),
    execMs: rounded(timings.execMs),
    totalMs: rounded(timings.totalMs),
  },
});
export type ExecView = ReturnType<typeof execView>;
