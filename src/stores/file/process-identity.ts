import { readFileSync, readlinkSync } from 'node:fs';

/** What tells a process from all others on this machine, also from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in ticks since boot; empty where the system does not say. */
  readonly startedAt: string;
  /** The run of the machine that `startedAt` counts from. */
  readonly boot: string;
  /** The set of process numbers that `pid` is from: containers have their own. */
  readonly namespace: string;
}

const orEmpty = (read: () => string): string => {
  try {
    return read().trim();
  } catch {
    return '';
  }
};

/** Field 22 of `stat`; counted from behind the name, which may hold spaces and parentheses. */
const startOf = (pid: number): string =>
  orEmpty(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  });

export const identityOfProcess = (pid: number): ProcessIdentity => ({
  pid,
  startedAt: startOf(pid),
  boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')),
  namespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
});

const answersSignals = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // it is there, and another user's
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Whether the process may still run: only a certain no is a no. */
export const mayRun = (holder: ProcessIdentity): boolean => {
  const here = identityOfProcess(holder.pid);
  if (holder.boot !== here.boot) return false;
  // its number means nothing here, so that nothing can be known of it
  if (holder.namespace !== here.namespace) return true;
  return answersSignals(holder.pid) && holder.startedAt === here.startedAt;
};
