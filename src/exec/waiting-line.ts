import * as E from 'fp-ts/lib/Either.js';
import type { Clock } from '../ports/clock.js';
import type { ExecUnavailable } from './command.js';
import type { OpenFailure } from './open-failure.js';
import type { ResidentShell } from './shell.js';

/** Opening a shell takes 0.1 s, on an engine that is busy several seconds: beyond this something is wrong. */
const PATIENCE_MS = 10_000;

/** Who waits went away before a shell was there. */
export interface TakeCanceled {
  readonly type: 'TakeCanceled';
}

export type TakeError = OpenFailure | TakeCanceled;

export interface TakeOptions {
  /** Goes before all others, and beyond the limit of shells: for killing. */
  readonly urgent?: boolean;
  /** Milliseconds to wait at most; 10 s when absent. */
  readonly patienceMs?: number;
  /** Aborting it leaves the line. */
  readonly signal?: AbortSignal;
}

/** Those who wait for a shell of one sandbox: first come, first served, each for a bounded time. */
export interface WaitingLine {
  readonly length: () => number;
  /** Whether somebody urgent waits. */
  readonly urgent: () => boolean;
  readonly join: (options?: TakeOptions) => Promise<E.Either<TakeError, ResidentShell>>;
  /** Gives the shell to the first in line; false if nobody waits. */
  readonly serve: (shell: ResidentShell) => boolean;
  /** Remembers why those who wait have to, for when they lose patience. */
  readonly explain: (failure: ExecUnavailable) => void;
  /** Sends everybody away. */
  readonly fail: (failure: OpenFailure) => void;
}

interface Waiter {
  readonly urgent: boolean;
  readonly settle: (answer: E.Either<TakeError, ResidentShell>) => void;
}

export const createWaitingLine = (clock: Clock): WaitingLine => {
  const waiters: Waiter[] = [];
  let why: ExecUnavailable | undefined;

  const leave = (waiter: Waiter): void => {
    const at = waiters.indexOf(waiter);
    if (at >= 0) waiters.splice(at, 1);
    if (waiters.length === 0) why = undefined;
  };

  const enter = (waiter: Waiter): void => {
    const others = waiter.urgent ? waiters.findIndex(({ urgent }) => !urgent) : -1;
    waiters.splice(others < 0 ? waiters.length : others, 0, waiter);
  };

  return {
    length: () => waiters.length,
    urgent: () => waiters[0]?.urgent === true,
    join: ({ urgent = false, patienceMs = PATIENCE_MS, signal } = {}) =>
      new Promise((resolve) => {
        const outOfPatience = (): void => waiter.settle(E.left(why ?? noShellInTime(patienceMs)));
        const canceled = (): void => waiter.settle(E.left({ type: 'TakeCanceled' }));
        const timer = clock.setTimer(patienceMs, outOfPatience);
        const waiter: Waiter = {
          urgent,
          settle: (answer) => {
            leave(waiter);
            timer.cancel();
            signal?.removeEventListener('abort', canceled);
            resolve(answer);
          },
        };
        enter(waiter);
        signal?.addEventListener('abort', canceled, { once: true });
        if (signal?.aborted === true) canceled();
      }),
    serve: (shell) => {
      const first = waiters[0];
      first?.settle(E.right(shell));
      return first !== undefined;
    },
    explain: (failure) => {
      why = failure;
    },
    fail: (failure) => {
      // each one leaves the line as it hears
      while (waiters.length > 0) waiters[0]?.settle(E.left(failure));
    },
  };
};

const noShellInTime = (patienceMs: number): ExecUnavailable => ({
  type: 'ExecUnavailable',
  message: `no shell of the sandbox came free within ${patienceMs / 1000} s`,
});
