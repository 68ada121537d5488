import { type Buckets, classify } from './classify.js';
import { maxUnavailableOf } from './max-unavailable.js';
import type { Plan, PlanAction, PlanInput, PlanSpec } from './plan-types.js';
import { dueReason, tooOldAt } from './recycle.js';
import { recycleReasonOf } from './recycle-reason.js';
import type { RecycleReason, Sandbox } from './sandbox.js';

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Old templates first, then the most used, then the oldest; the name makes it definite. */
const inOrderOfRetirement =
  (spec: PlanSpec) =>
  (a: Sandbox, b: Sandbox): number =>
    Number(a.templateHash === spec.templateHash) - Number(b.templateHash === spec.templateHash) ||
    b.leases - a.leases ||
    a.createdAt - b.createdAt ||
    compareText(a.name, b.name);

const retire = (sandbox: Sandbox, reason: RecycleReason): readonly PlanAction[] =>
  sandbox.uid === undefined
    ? []
    : [
        {
          type: 'Retire',
          uid: sandbox.uid,
          from: sandbox.phase,
          reason,
          ...(sandbox.reason === undefined ? {} : { detail: sandbox.reason }),
        },
      ];

const retireFailed = (sandboxes: readonly Sandbox[]): readonly PlanAction[] =>
  sandboxes.flatMap((sandbox) => retire(sandbox, recycleReasonOf(sandbox.reason)));

const byName = (a: Sandbox, b: Sandbox): number => compareText(a.name, b.name);

/** Leased ones and those under way are left: they come round once they are Ready, or end. */
const planDeletion = (sandboxes: readonly Sandbox[]): Plan => {
  const idle = sandboxes.filter(({ phase }) => phase === 'Ready' || phase === 'Quarantined');
  const failed = sandboxes.filter(({ phase }) => phase === 'Failed');
  return {
    actions: [
      ...retireFailed(failed.toSorted(byName)),
      ...idle.toSorted(byName).flatMap((sandbox) => retire(sandbox, 'PoolDeleted')),
    ],
    waitsForSlot: false,
  };
};

interface Counts {
  /** Ready sandboxes that can be leased. */
  readonly available: number;
  readonly coming: number;
  /** Ready sandboxes to have: replicas and one for each waiting caller, as far as there is room. */
  readonly target: number;
  /** Sandboxes that serve, but are to be replaced. */
  readonly due: readonly Sandbox[];
  /** Replacements made ahead at a time, and sandboxes that may be missing: the pool's maxUnavailable. */
  readonly batch: number;
  /** Sandboxes that fit under the ceiling. */
  readonly room: number;
}

const count = (spec: PlanSpec, input: PlanInput, buckets: Buckets): Counts => {
  const due = [...buckets.outdated, ...buckets.aged].toSorted(inOrderOfRetirement(spec));
  const held = buckets.busy.length + buckets.quarantined.length;
  return {
    available: buckets.fresh.length + due.length,
    coming: buckets.coming.length,
    target: Math.max(0, Math.min(spec.replicas + input.waiting, spec.ceiling - held)),
    due,
    batch: maxUnavailableOf(spec.maxUnavailable, spec.replicas),
    room: Math.max(0, spec.ceiling - input.sandboxes.length),
  };
};

/** Ready sandboxes beyond the target, those that are due first: how a pool shrinks, and how replaced ones go. */
const surplus = (spec: PlanSpec, buckets: Buckets, counts: Counts): readonly Sandbox[] =>
  [...counts.due, ...buckets.fresh.toSorted(inOrderOfRetirement(spec))].slice(
    0,
    Math.max(0, counts.available - counts.target),
  );

/**
 * Due sandboxes to give up before their replacements are there, where the ceiling leaves no room to make
 * those first: never below `replicas - maxUnavailable`, not while anything is still on its way, and not
 * for a template that fails to start.
 */
const givenUpForRoom = (
  spec: PlanSpec,
  input: PlanInput,
  buckets: Buckets,
  counts: Counts,
): readonly Sandbox[] => {
  const moving =
    counts.coming + buckets.leaving.length + buckets.failed.length + buckets.wornOut.length;
  if (counts.room > 0 || moving > 0 || input.creation.failing) return [];
  return counts.due.slice(0, Math.max(0, counts.available - (spec.replicas - counts.batch)));
};

const partialText = (held: {
  readonly byCeiling: number;
  readonly byBackoff: number;
  readonly bySlots: number;
  readonly ceiling: number;
}): string | undefined => {
  const parts = [
    ...(held.byCeiling > 0
      ? [`${held.byCeiling} more wanted, but the pool may have ${held.ceiling} sandboxes at most`]
      : []),
    ...(held.byBackoff > 0 ? [`${held.byBackoff} wait until a trial creation succeeds`] : []),
    ...(held.bySlots > 0 ? [`${held.bySlots} wait for other creations to finish`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
};

const earliest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));

const planUpkeep = (spec: PlanSpec, input: PlanInput): Plan => {
  const buckets = classify(input.sandboxes, spec, input.now);
  const counts = count(spec, input, buckets);

  const excess = surplus(spec, buckets, counts);
  const going = excess.length > 0 ? excess : givenUpForRoom(spec, input, buckets, counts);

  // as if they were gone already, so that the next plan does not find something to add
  const dueAfter = counts.due.filter((sandbox) => !going.includes(sandbox)).length;
  const readyAfter = counts.available - going.length;
  const goal = counts.target + Math.min(dueAfter, counts.batch);
  const wanted = Math.max(0, goal - readyAfter - counts.coming);
  const fitting = Math.min(wanted, counts.room);
  const permitted = Math.min(fitting, input.creation.allowed);
  const creates = Math.min(permitted, input.slots);

  const partial = partialText({
    byCeiling: wanted - fitting + (spec.replicas + input.waiting - counts.target),
    byBackoff: fitting - permitted,
    bySlots: permitted - creates,
    ceiling: spec.ceiling,
  });
  const wakeAt = earliest([
    ...[input.creation.retryAt ?? 0].filter((at) => fitting > permitted && at > input.now),
    ...buckets.fresh.map((sandbox) => tooOldAt(sandbox, spec.maxAgeSeconds)),
  ]);
  return {
    actions: [
      ...retireFailed(buckets.failed.toSorted(byName)),
      // they serve nobody: keeping them would only take up room
      ...buckets.wornOut.toSorted(byName).flatMap((sandbox) => retire(sandbox, 'MaxLeases')),
      ...going.flatMap((sandbox) =>
        retire(sandbox, dueReason(sandbox, spec, input.now) ?? 'Surplus'),
      ),
      ...Array.from({ length: creates }, (): PlanAction => ({ type: 'Create' })),
    ],
    ...(partial === undefined ? {} : { partial }),
    waitsForSlot: permitted > creates,
    ...(wakeAt === undefined ? {} : { wakeAt }),
  };
};

/**
 * What to do for one pool now. Pure; does not depend on the order of the sandboxes. Carrying the plan
 * out and planning again at the same moment gives no actions. Always: leased and resetting sandboxes
 * are left alone, no more than one action for a sandbox, population and creations within the ceiling.
 */
export const planPool = (input: PlanInput): Plan =>
  input.spec === undefined ? planDeletion(input.sandboxes) : planUpkeep(input.spec, input);
