import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import type { Phase, Sandbox } from '../core/pool/sandbox.js';
import type { Clock } from '../ports/clock.js';
import { createChangeFeed } from './change-feed.js';
import type { SandboxTable } from './sandbox-table.js';
import { createTimelines } from './timelines.js';

/** The sandboxes of one pool, by name, in the order in which they came. */
interface PoolEntries {
  readonly key: PoolKey;
  readonly sandboxes: Map<string, Sandbox>;
}

/** An empty table. Times of timelines come from `clock`. */
export const createSandboxTable = ({ clock }: { readonly clock: Clock }): SandboxTable => {
  const pools = new Map<string, PoolEntries>();
  const byName = new Map<string, Sandbox>();
  const nameOfUid = new Map<string, string>();
  const timelines = createTimelines();
  const feed = createChangeFeed();

  const byUid = (uid: string): Sandbox | undefined => {
    const name = nameOfUid.get(uid);
    return name === undefined ? undefined : byName.get(name);
  };

  const note = (
    { pool, name }: { readonly pool: PoolKey; readonly name: string },
    phase: Phase | 'Gone',
    detail?: string,
  ): void =>
    timelines.add(pool, name, {
      at: clock.now(),
      phase,
      ...(detail === undefined ? {} : { detail }),
    });

  const store = (after: Sandbox): void => {
    const before = byName.get(after.name);
    const text = poolKeyText(after.pool);
    const entries = pools.get(text) ?? { key: after.pool, sandboxes: new Map<string, Sandbox>() };
    entries.sandboxes.set(after.name, after);
    pools.set(text, entries);
    byName.set(after.name, after);
    if (after.uid !== undefined) nameOfUid.set(after.uid, after.name);
    feed.publish({ pool: after.pool, ...(before === undefined ? {} : { before }), after });
  };

  const remove = (name: string, detail?: string): void => {
    const before = byName.get(name);
    if (before === undefined) return;
    const text = poolKeyText(before.pool);
    const entries = pools.get(text);
    entries?.sandboxes.delete(name);
    if (entries?.sandboxes.size === 0) pools.delete(text);
    byName.delete(name);
    if (before.uid !== undefined) nameOfUid.delete(before.uid);
    note(before, 'Gone', detail);
    timelines.retire(name);
    feed.publish({ pool: before.pool, before });
  };

  return {
    list: (pool) => [...(pools.get(poolKeyText(pool))?.sandboxes.values() ?? [])],
    get: byUid,
    named: (name) => byName.get(name),
    pools: () => [...pools.values()].map((entries) => entries.key),
    startCreating: ({ name, pool, templateHash }) => {
      if (byName.has(name)) return false;
      note({ pool, name }, 'Creating');
      store({ name, pool, templateHash, createdAt: clock.now(), phase: 'Creating', leases: 0 });
      return true;
    },
    observe: (observed, phase, leases) => {
      const { uid, name, pool, templateHash, createdAt } = observed;
      if (nameOfUid.has(uid)) return;
      const entry = byName.get(name);
      if (entry !== undefined && entry.uid === undefined) {
        store({ ...entry, uid, createdAt });
        return;
      }
      // identity is the uid: whoever had that name before is not there any more
      if (entry !== undefined) remove(name, 'another sandbox has taken its name');
      note(observed, phase, 'adopted');
      store({ uid, name, pool, templateHash, createdAt, phase, leases });
    },
    move: (uid, from, to, detail) => {
      const before = byUid(uid);
      if (before === undefined || before.phase !== from || from === 'Terminating') return false;
      note(before, to, detail);
      const { reason: _past, ...kept } = before;
      store({ ...kept, phase: to, ...(detail === undefined ? {} : { reason: detail }) });
      return true;
    },
    setLeases: (uid, leases) => {
      const before = byUid(uid);
      if (before !== undefined && before.leases !== leases) store({ ...before, leases });
    },
    note: (uid, detail) => {
      const sandbox = byUid(uid);
      if (sandbox !== undefined) note(sandbox, sandbox.phase, detail);
    },
    remove,
    timeline: timelines.get,
    subscribe: feed.subscribe,
  };
};
