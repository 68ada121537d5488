import { type PoolKey, samePool } from '../api/pool-key.js';
import type { TimelineEvent } from './sandbox-table.js';

/** What happened to each sandbox, kept for a while after it went. */
export interface Timelines {
  readonly add: (pool: PoolKey, name: string, event: TimelineEvent) => void;
  /** The sandbox is gone: its timeline now counts among the old ones. */
  readonly retire: (name: string) => void;
  /** Oldest event first; undefined if that pool has, and lately had, no sandbox of that name. */
  readonly get: (pool: PoolKey, name: string) => readonly TimelineEvent[] | undefined;
}

interface Timeline {
  readonly pool: PoolKey;
  readonly events: TimelineEvent[];
}

/** Enough for a hundred leases; a timeline that goes on longer loses its oldest events, but never the first. */
const EVENTS_EACH = 200;
/** To look up what became of a sandbox that went minutes ago. */
const OLD_ONES = 100;

export const createTimelines = (): Timelines => {
  const live = new Map<string, Timeline>();
  const old = new Map<string, Timeline>();
  return {
    add: (pool, name, event) => {
      const timeline = live.get(name) ?? { pool, events: [] };
      timeline.events.push(event);
      // the first event says when it was created
      if (timeline.events.length > EVENTS_EACH) timeline.events.splice(1, 1);
      live.set(name, timeline);
    },
    retire: (name) => {
      const timeline = live.get(name);
      if (timeline === undefined) return;
      live.delete(name);
      old.delete(name);
      old.set(name, timeline);
      const [oldest] = old.keys();
      if (old.size > OLD_ONES && oldest !== undefined) old.delete(oldest);
    },
    get: (pool, name) => {
      const timeline = live.get(name) ?? old.get(name);
      if (timeline === undefined || !samePool(timeline.pool, pool)) return undefined;
      return [...timeline.events];
    },
  };
};
