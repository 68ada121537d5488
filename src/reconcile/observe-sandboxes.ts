import * as E from 'fp-ts/lib/Either.js';
import type { Clock, Timer } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { BackendError, SandboxBackend } from '../ports/sandbox-backend.js';
import type { BackendHealth } from './backend-health.js';
import type { Listing } from './merge-listing.js';
import type { Sightings } from './sightings.js';

/** Looks at the backend: one listing for all pools, when asked to and now and then. */
export interface Observer {
  /** Asks for a listing that begins after this call. Many calls make one listing. */
  readonly relist: () => void;
  /** One listing at once. */
  readonly look: () => Promise<E.Either<BackendError, Listing>>;
  /** Looks as asked until `signal` aborts. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Makes up for hints that were lost. */
const RELIST_MS = 30_000;
/** While the backend is silent: soon enough that people who start it need not wait. */
const RETRY_MS = 3000;
/** Hints come in bursts; a listing of a hundred containers costs 10 ms. */
const GAP_MS = 250;

export const createObserver = (options: {
  readonly backend: SandboxBackend;
  readonly clock: Clock;
  readonly health: BackendHealth;
  readonly sightings: Sightings;
  readonly logger: Logger;
  readonly onListing: (listing: Listing) => void;
}): Observer => {
  const { backend, clock, health, sightings } = options;
  let timer: { readonly at: number; readonly timer: Timer } | undefined;
  let looking = false;
  let again = false;
  let started = false;
  let lastBegan = Number.NEGATIVE_INFINITY;

  const look = async (): Promise<E.Either<BackendError, Listing>> => {
    lastBegan = clock.monotonic();
    const number = sightings.beginListing();
    const listed = await backend.list();
    if (E.isRight(listed)) {
      health.answered();
      return E.right({ number, sandboxes: listed.right });
    }
    health.unavailable(listed.left.message);
    return listed;
  };

  const lookIn = (ms: number): void => {
    if (!started) return;
    const at = clock.monotonic() + ms;
    if (timer !== undefined && timer.at <= at) return;
    timer?.timer.cancel();
    timer = { at, timer: clock.setTimer(ms, begin) };
  };

  const hand = (listing: Listing): void => {
    try {
      options.onListing(listing);
    } catch (error) {
      options.logger.error({ error }, 'a listing could not be taken in: this is a defect');
    }
  };

  const pass = async (): Promise<void> => {
    const listed = await look();
    looking = false;
    if (!started) return;
    if (E.isRight(listed)) hand(listed.right);
    lookIn(E.isRight(listed) ? RELIST_MS : RETRY_MS);
    if (again) relist();
  };

  const begin = (): void => {
    timer = undefined;
    again = false;
    looking = true;
    void pass();
  };

  const relist = (): void => {
    // the listing under way may have been taken before whatever this call is about
    if (!looking) lookIn(Math.max(0, lastBegan + GAP_MS - clock.monotonic()));
    else again = true;
  };

  return {
    relist,
    look,
    run: async (signal) => {
      if (signal.aborted) return;
      started = true;
      lookIn(0);
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      started = false;
      // a listing under way is not waited for: nobody will look at it
      timer?.timer.cancel();
    },
  };
};
