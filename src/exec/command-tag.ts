import { createHash } from 'node:crypto';

/** 2^41 KiB are 2 PiB: more than any machine has, so that nobody takes the limit for a real one. */
const SMALLEST_KIB = 2 ** 41;

/**
 * The number that marks all processes of a command, in KiB.
 *
 * It is set as the soft limit of the resident set size (`ulimit -S -m`). Linux keeps that limit and
 * ignores it, every child inherits it, whatever happens to its environment, and anybody can read it in
 * /proc/N/limits. So it finds what the environment does not: forks of the shell that never exec, and
 * daemons that scrub their environment.
 */
export const commandTag = (marker: string): number =>
  SMALLEST_KIB + createHash('sha256').update(marker).digest().readUIntBE(0, 5);
