import { randomFillSync } from 'node:crypto';
import type { Random } from '../ports/random.js';

/** Asking for random bytes costs about the same for eight as for a thousand, and a command needs them twice. */
const AHEAD_BYTES = 1024;

/** Gives each byte out once. */
const createTokens = (): ((bytes: number) => string) => {
  const ahead = Buffer.alloc(AHEAD_BYTES);
  let used = AHEAD_BYTES;
  return (bytes) => {
    if (bytes > AHEAD_BYTES) return randomFillSync(Buffer.alloc(bytes)).toString('hex');
    if (used + bytes > AHEAD_BYTES) {
      randomFillSync(ahead);
      used = 0;
    }
    used += bytes;
    return ahead.toString('hex', used - bytes, used);
  };
};

export const systemRandom: Random = {
  fraction: () => Math.random(),
  token: createTokens(),
};
