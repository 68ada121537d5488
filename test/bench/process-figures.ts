import { readFileSync } from 'node:fs';

/** Clock ticks a second, as /proc counts them on every Linux that Node runs on. */
const TICKS = 100;

/** Resident memory of a process in MB. */
export const memoryMb = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kilobytes) / 1_000;
};

/** CPU that a process has used so far, in milliseconds. */
export const cpuMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the second field is the program's name in brackets and may hold anything; utime and stime are the 14th and 15th
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS;
};
