import type { RecycleReason } from './sandbox.js';

const KNOWN: Readonly<Record<RecycleReason, true>> = {
  Released: true,
  MaxAge: true,
  MaxLeases: true,
  TemplateChanged: true,
  Surplus: true,
  PoolDeleted: true,
  Stopped: true,
  WarmupFailed: true,
  CleanFailed: true,
  Unkillable: true,
  Orphan: true,
  Shutdown: true,
};

const isKnown = (word: string): word is RecycleReason => Object.hasOwn(KNOWN, word);

/** What a sandbox's `reason` holds: the word for machines first, `Stopped: exited with status 137`. */
export const reasonText = (reason: RecycleReason, message?: string): string =>
  message === undefined || message === '' ? reason : `${reason}: ${message}`;

/**
 * The word that a sandbox's `reason` starts with. Reasons that are no word of ours come with the end of
 * a lease (`Expired`, `Idle`): to the pool that is a sandbox given back.
 */
export const recycleReasonOf = (text: string | undefined): RecycleReason => {
  const [word = ''] = (text ?? '').split(':', 1);
  return isKnown(word) ? word : 'Released';
};
