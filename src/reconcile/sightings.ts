import type { Clock } from '../ports/clock.js';

/**
 * Tells the sandboxes that a listing does not show because they are gone from those that it cannot show
 * yet. Listings are numbered in the order in which they began.
 */
export interface Sightings {
  /** A listing begins: its number. */
  readonly beginListing: () => number;
  /** How many listings have begun. */
  readonly begun: () => number;
  /** The sandbox's uid became known. */
  readonly known: (uid: string) => void;
  /** A listing shows it. */
  readonly seen: (uid: string) => void;
  /** Whether the sandbox is gone, given that this listing does not show it. */
  readonly missing: (uid: string, listing: number) => boolean;
  /** The sandbox does not exist any more. A listing that still shows it for a while shows the past. */
  readonly gone: (uid: string) => void;
  /** Whether the sandbox went so lately that showing it is the past's shadow. */
  readonly wentLately: (uid: string) => boolean;
}

/** Listings may lag behind creations: one that never was in a listing is given so long to appear. */
const APPEARS_WITHIN_MS = 10_000;
/** Listings may lag behind removals: one that is shown after so long was not removed after all. */
const DISAPPEARS_WITHIN_MS = 60_000;

interface Sighting {
  /** Listings begun when the uid became known: these cannot show it. */
  readonly after: number;
  readonly at: number;
  seen: boolean;
}

export const createSightings = (clock: Clock): Sightings => {
  const sightings = new Map<string, Sighting>();
  const gone = new Map<string, number>();
  let begun = 0;
  const forgetOldShadows = (): void => {
    for (const [uid, at] of gone) {
      // the map is in the order of going
      if (clock.monotonic() - at < DISAPPEARS_WITHIN_MS) return;
      gone.delete(uid);
    }
  };
  return {
    beginListing: () => {
      begun += 1;
      return begun;
    },
    begun: () => begun,
    known: (uid) => {
      if (sightings.has(uid)) return;
      sightings.set(uid, { after: begun, at: clock.monotonic(), seen: false });
    },
    seen: (uid) => {
      const sighting = sightings.get(uid);
      if (sighting !== undefined) sighting.seen = true;
    },
    missing: (uid, listing) => {
      const sighting = sightings.get(uid);
      if (sighting === undefined) return true;
      if (listing <= sighting.after) return false;
      return sighting.seen || clock.monotonic() - sighting.at >= APPEARS_WITHIN_MS;
    },
    gone: (uid) => {
      sightings.delete(uid);
      forgetOldShadows();
      gone.delete(uid);
      gone.set(uid, clock.monotonic());
    },
    wentLately: (uid) => {
      forgetOldShadows();
      return gone.has(uid);
    },
  };
};
