import * as E from 'fp-ts/lib/Either.js';
import type { LeaseRecord } from '../ports/lease-store.js';
import type { LeaseGone } from '../reconcile/leases.js';
import type { CommandResult, ExecError } from './command.js';

/**
 * Tells leases on which no command can begin any more, as their sandbox is full of the thread's own
 * processes or broken by it, from those that are only slow.
 */
export interface StuckLeases {
  /** Runs a command of the lease; `stuck` when it showed that no further one can begin there. */
  readonly watch: (
    lease: LeaseRecord,
    run: () => Promise<Ran>,
  ) => Promise<{ readonly ran: Ran; readonly stuck: boolean }>;
}

/** How a command on a lease ended. */
export type Ran = E.Either<ExecError | LeaseGone, CommandResult>;

/** One command under way; its identity is all there is to it. */
interface Attempt {
  readonly lease: LeaseRecord;
}

interface Watched {
  readonly lease: LeaseRecord;
  readonly underWay: Set<Attempt>;
  /** Set by the first failure since a command ran: the commands that were under way then. */
  beside?: ReadonlySet<Attempt>;
}

/** A shell took it; how it ended does not matter. One whose caller left may never have had a shell. */
const ranOnShell = (ran: Ran): boolean =>
  E.isRight(ran) && ran.right.via === 'shell' && !ran.right.canceled;

const blamesSandbox = (ran: Ran): boolean =>
  E.isLeft(ran) && ran.left.type === 'ExecUnavailable' && ran.left.fault === 'Sandbox';

/**
 * A lease is stuck after two commands, the second begun after the first had failed, found that the sandbox
 * lets no shell live, and no command ran meanwhile. Both have tried for 10 s by then. A command that has
 * run since before the first of them is work that must not be lost for those that cannot begin.
 */
const isStuck = (watched: Watched, attempt: Attempt, ran: Ran): boolean => {
  if (ranOnShell(ran)) delete watched.beside;
  if (!blamesSandbox(ran)) return false;
  if (watched.beside === undefined) {
    watched.beside = new Set(watched.underWay);
    return false;
  }
  if (watched.beside.has(attempt)) return false;
  return ![...watched.beside].some((other) => watched.underWay.has(other));
};

export const createStuckLeases = (
  /** Whether this lease still lives. */
  isLive: (lease: LeaseRecord) => boolean,
): StuckLeases => {
  /** By epoch: no two leases have the same. */
  const leases = new Map<number, Watched>();

  /** A thread that gave up after one failure leaves nobody behind who would say so. */
  const forgetEnded = (): void => {
    for (const [epoch, { lease, underWay }] of leases) {
      if (underWay.size === 0 && !isLive(lease)) leases.delete(epoch);
    }
  };

  const leave = ({ lease, underWay, beside }: Watched): void => {
    if (underWay.size > 0) return;
    if (beside === undefined) leases.delete(lease.epoch);
    else forgetEnded();
  };

  return {
    watch: async (lease, run) => {
      const watched = leases.get(lease.epoch) ?? { lease, underWay: new Set<Attempt>() };
      const attempt: Attempt = { lease };
      watched.underWay.add(attempt);
      leases.set(lease.epoch, watched);
      try {
        const ran = await run();
        watched.underWay.delete(attempt);
        return { ran, stuck: isStuck(watched, attempt, ran) };
      } finally {
        watched.underWay.delete(attempt);
        leave(watched);
      }
    },
  };
};
