import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import { reasonText } from '../core/pool/recycle-reason.js';
import type { Phase, Sandbox } from '../core/pool/sandbox.js';
import type { ObservedSandbox } from '../ports/sandbox-backend.js';
import { adoptSandbox } from './adopt-sandbox.js';
import type { PoolContext } from './pool-context.js';

/** What a look at the backend brought. */
export interface Listing {
  /** Its number among all listings, in the order in which they began. */
  readonly number: number;
  readonly sandboxes: readonly ObservedSandbox[];
}

/** A sandbox in one of these that has stopped did so by itself. */
const SHOULD_RUN: readonly Phase[] = ['Creating', 'Ready', 'Leased', 'Resetting'];

interface Stop {
  readonly pool: PoolKey;
  readonly templateHash: string;
  readonly message: string;
  readonly ageMs: number;
}

/** The sandbox does not run any more: it is out of service. Undefined if that is no news. */
const stopOf = (
  { table, clock }: PoolContext,
  sandbox: Sandbox,
  observed: ObservedSandbox,
): Stop | undefined => {
  if (observed.state !== 'Stopped' || !SHOULD_RUN.includes(sandbox.phase)) return undefined;
  table.move(observed.uid, sandbox.phase, 'Failed', reasonText('Stopped', observed.reason));
  return {
    pool: sandbox.pool,
    templateHash: sandbox.templateHash,
    message: observed.reason ?? 'the reason is not known',
    ageMs: clock.now() - observed.createdAt,
  };
};

/** Stops seen together have one cause (an engine that restarted, say): they count once for each template, by the oldest. */
const recordStops = ({ records }: PoolContext, stops: readonly Stop[]): void => {
  const oldest = new Map<string, Stop>();
  for (const stop of stops) {
    const key = `${poolKeyText(stop.pool)} ${stop.templateHash}`;
    const other = oldest.get(key);
    if (other === undefined || other.ageMs < stop.ageMs) oldest.set(key, stop);
  }
  for (const stop of oldest.values()) records.stopped(stop, stop);
};

/** Takes out what the listing shows to be gone, leased or not; and creations that came to nothing. */
const dropMissing = (context: PoolContext, listing: Listing): void => {
  const { table, sightings, unresolved } = context;
  const uids = new Set(listing.sandboxes.map(({ uid }) => uid));
  const names = new Set(listing.sandboxes.map(({ name }) => name));
  for (const { uid, name } of table.pools().flatMap((pool) => table.list(pool))) {
    if (uid === undefined) {
      const failedAfter = unresolved.get(name);
      if (failedAfter === undefined || listing.number <= failedAfter) continue;
      // shown after all: it is adopted under this entry
      unresolved.delete(name);
      if (!names.has(name)) table.remove(name, 'it could not be created');
    } else if (!uids.has(uid) && sightings.missing(uid, listing.number)) {
      table.remove(name, 'it is not at the backend any more');
    }
  }
};

/** Brings the table up to what the backend shows. */
export const mergeListing = (
  context: PoolContext,
  listing: Listing,
  leased: ReadonlySet<string>,
): void => {
  const { table, sightings } = context;
  dropMissing(context, listing);
  const stops: Stop[] = [];
  for (const observed of listing.sandboxes) {
    if (sightings.wentLately(observed.uid)) continue;
    const named = table.named(observed.name);
    if (named !== undefined && named.uid === undefined) table.observe(observed, 'Creating', 0);
    const sandbox = table.get(observed.uid);
    sightings.seen(observed.uid);
    if (sandbox === undefined) {
      adoptSandbox(context, observed, leased.has(observed.uid));
      continue;
    }
    const stop = stopOf(context, sandbox, observed);
    if (stop !== undefined) stops.push(stop);
  }
  recordStops(context, stops);
};
