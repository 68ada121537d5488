import { statfsSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import type { StoreFailed } from '../../ports/lease-store.js';

/** LMDB's own error numbers that a user can do something about. */
const DAMAGED = [-30797, -30796, -30793];
const PANIC = -30795;
const MAP_FULL = -30792;
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
/** A few pages: with less than this no change can be written. */
const LEAST_BYTES = 65_536;

const numberOf = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined;

/** `ENOSPC` for 28: LMDB gives the system's error numbers as they are. */
const nameOf = (code: number | undefined): string | undefined =>
  code === undefined || code <= 0 ? undefined : getSystemErrorMap().get(-code)?.[0];

const isDiskFull = (path: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize < LEAST_BYTES;
  } catch {
    return false;
  }
};

const adviceFor = (error: unknown, path: string): string => {
  const code = numberOf(error);
  const name = nameOf(code);
  // a write that only half fits is reported as an input/output error
  if ((name !== undefined && FULL.includes(name)) || isDiskFull(path)) {
    return 'the disk is full, or a quota is used up: free some space, and it works again by itself';
  }
  if (name === 'EIO') return 'the disk reports an error: look at the system log, and at the disk';
  if (name === 'EACCES' || name === 'EPERM' || name === 'EROFS') {
    return 'no permission to write: give the user that runs warmpool the right to';
  }
  if (code === MAP_FULL) return 'it has grown beyond its bounds: restart warmpool';
  if (code === PANIC) return 'an earlier error has put it out of order: restart warmpool';
  if (code !== undefined && DAMAGED.includes(code)) return damagedAdvice(path);
  return 'see the reason above; warmpool keeps trying';
};

/** Never repaired silently: that could give one sandbox to two threads. */
export const damagedAdvice = (path: string): string =>
  `the file is damaged: put a good copy in its place, or move ${path} away to start without leases (their sandboxes are then replaced)`;

/** A failure of the lease store, in words that say what to do. */
export const storeFailed = (path: string, doing: string, cause: unknown): StoreFailed => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `${doing} ${path} failed: ${reason}; ${adviceFor(cause, path)}`;
  return { type: 'StoreFailed', message, cause };
};

export const storeDamaged = (path: string, what: string): StoreFailed => ({
  type: 'StoreFailed',
  message: `the lease store ${path} cannot be read: ${what}; ${damagedAdvice(path)}`,
});
