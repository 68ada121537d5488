import type { Random } from '../ports/random.js';

/** Environment variable that every process of a command carries, unless it drops it. */
export const MARKER_VARIABLE = 'WARMPOOL_COMMAND';

/** 64 bits of chance, of which the marker keeps 50: it has to be unlike the others in its sandbox. */
const CHANCE_BYTES = 8;
/** Fifteen digits. As KiB that is 90 PiB, which nobody takes for a real limit, and still below the 2^63 bytes that limits hold. */
const SMALLEST = 10n ** 14n;
const COUNT = 9n * SMALLEST;
export const LARGEST_MARKER = String(SMALLEST + COUNT - 1n);

/**
 * Names one run of a command: 15 digits, no two alike in a sandbox. Processes carry it in their environment, and
 * as the soft limit of their resident set size in KiB (`ulimit -S -m`). Linux keeps that limit and
 * ignores it, every child inherits it, whatever happens to its environment, and anybody can read it in
 * /proc/N/limits. So it finds what the environment does not: forks of the shell that never exec, and
 * daemons that scrub their environment.
 */
export const newMarker = (random: Pick<Random, 'token'>): string => {
  const chance = BigInt(`0x${random.token(CHANCE_BYTES)}`);
  return String(SMALLEST + (chance % COUNT));
};

/** Undefined for a limit that is no marker of ours. */
export const markerOfLimit = (limit: string): string | undefined => {
  if (!/^\d+$/u.test(limit)) return undefined;
  const marker = String(BigInt(limit) / 1024n);
  return isMarker(marker) && markerLimit(marker) === limit ? marker : undefined;
};

const isMarker = (text: string): boolean => /^[1-9]\d{14}$/u.test(text);

/** The limit that tells of the marker, in bytes, as /proc/N/limits shows it. */
export const markerLimit = (marker: string): string => String(BigInt(marker) * 1024n);
