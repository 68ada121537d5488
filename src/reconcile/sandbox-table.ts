import type { PoolKey } from '../api/pool-key.js';
import type { Phase, Sandbox } from '../core/pool/sandbox.js';
import type { ObservedSandbox } from '../ports/sandbox-backend.js';

/** What happened to a sandbox, for people: `warmpool get timeline`, the timeline's HTTP reply. */
export interface TimelineEvent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly phase: Phase | 'Gone';
  readonly detail?: string;
}

/** `before` is absent for a new sandbox, `after` for one that is gone. */
export interface SandboxChange {
  readonly pool: PoolKey;
  readonly before?: Sandbox;
  readonly after?: Sandbox;
}

/**
 * All sandboxes of the installation and the phase of each: the one place where phases change. Every
 * method is synchronous, so `move` is a compare-and-set that no other owner can slip into. Listeners
 * are called after the change, in order; they must not throw.
 */
export interface SandboxTable {
  readonly list: (pool: PoolKey) => readonly Sandbox[];
  readonly get: (uid: string) => Sandbox | undefined;
  readonly named: (name: string) => Sandbox | undefined;
  /** Pools that have a sandbox. */
  readonly pools: () => readonly PoolKey[];
  /** A creation begins: an entry in phase Creating, without a uid. False if the name is taken. */
  readonly startCreating: (sandbox: {
    readonly name: string;
    readonly pool: PoolKey;
    readonly templateHash: string;
  }) => boolean;
  /** The backend shows this sandbox: gives the entry of that name its uid, or makes an entry in `phase` (an adopted one). */
  readonly observe: (observed: ObservedSandbox, phase: Phase, leases: number) => void;
  /** Compare-and-set: true if the sandbox was in `from` and now is in `to`. Nothing leads out of Terminating. */
  readonly move: (uid: string, from: Phase, to: Phase, detail?: string) => boolean;
  readonly setLeases: (uid: string, leases: number) => void;
  /** Adds to the timeline what happened to a sandbox without changing its phase. */
  readonly note: (uid: string, detail: string) => void;
  /** The sandbox is gone, or its creation failed: the entry goes. */
  readonly remove: (name: string, detail?: string) => void;
  /** Oldest first; at most 200 events each, kept for the last 100 sandboxes that went as well. */
  readonly timeline: (pool: PoolKey, name: string) => readonly TimelineEvent[] | undefined;
  readonly subscribe: (listener: (change: SandboxChange) => void) => () => void;
}
