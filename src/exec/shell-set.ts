import * as E from 'fp-ts/lib/Either.js';
import type { Clock, Timer } from '../ports/clock.js';
import { backoffMs } from '../runtime/backoff.js';
import type { OpenFailure, OpenOne } from './open-failure.js';
import type { ResidentShell } from './shell.js';
import { createWaitingLine, type TakeError, type TakeOptions } from './waiting-line.js';

/** A thread that runs more commands at once than this waits: each shell costs an exec and a connection. */
export const MAX_SHELLS = 16;
/** Beyond the limit, for killing: a sandbox whose shells are all busy is just the one that needs it. */
const RESERVED_SHELLS = 2;
/** Opening takes 60 ms at best: trying more often gains nothing, and 2 s is what a waiting caller can bear. */
const RETRY = { firstMs: 100, longestMs: 2000 };
/** About 8 s of trying on nobody's behalf; the next command tries again. */
const BACKGROUND_TRIES = 7;
/** Shells opened for a burst stay this long for the next one. */
const SURPLUS_MS = 60_000;

const STILLBORN: OpenFailure = {
  type: 'ExecUnavailable',
  message: 'the shell ended as soon as it was open',
};

/** The shells of one sandbox. Each shell taken must be given back or retired. */
export interface ShellSet {
  /** A shell of one's own: an idle one at once, else one that is opened or comes free. First come, first served. */
  readonly take: (options?: TakeOptions) => Promise<E.Either<TakeError, ResidentShell>>;
  /** An idle shell at once, if there is one and nobody waits: the way without a detour through a promise. */
  readonly takeIdle: () => ResidentShell | undefined;
  /** The shell, taken before, is as good as new. */
  readonly giveBack: (shell: ResidentShell) => void;
  /** The shell, taken before, ends with what it runs now: another is opened in its place already. */
  readonly willEnd: (shell: ResidentShell) => void;
  /** The shell, taken before, must not be used again: closes it, opens another in the background. */
  readonly retire: (shell: ResidentShell) => void;
  /** Keeps so many shells open from now on. */
  readonly keep: (count: number) => void;
  /** Whether it is certain that the image has no shell. */
  readonly hasNoShell: () => boolean;
  /** Ends all shells, taken ones too; those who wait, and who come, hear `failure`. */
  readonly close: (failure: OpenFailure) => void;
}

/** The shells of one sandbox, none open yet; nothing is opened before `take` or `keep`. */
export const createShellSet = (deps: {
  readonly open: OpenOne;
  readonly clock: Clock;
}): ShellSet => {
  const { clock } = deps;
  const idle: ResidentShell[] = [];
  const busy = new Set<ResidentShell>();
  const ending = new Set<ResidentShell>();
  const line = createWaitingLine(clock);
  let target = 0;
  let opening = 0;
  let failures = 0;
  /** 'Suspected' after the first sign of it: an engine whose sandbox is just stopping says the same. */
  let noShell: 'Refuted' | 'Open' | 'Suspected' | 'Confirmed' = 'Open';
  let retry: Timer | undefined;
  let trim: Timer | undefined;
  let closed: OpenFailure | undefined;

  const reusable = (): number => idle.length + busy.size;

  const fill = (): void => {
    if (closed !== undefined || retry !== undefined) return;
    const limit = MAX_SHELLS + (line.urgent() ? RESERVED_SHELLS : 0);
    const wanted = Math.max(line.length() - opening, target - reusable() - opening);
    const room = limit - reusable() - ending.size - opening;
    for (let count = Math.min(wanted, room); count > 0; count -= 1) void openOne();
  };

  const openOne = async (): Promise<void> => {
    const before = noShell;
    opening += 1;
    const opened = await deps.open();
    opening -= 1;
    if (E.isRight(opened)) welcome(opened.right);
    else failed(before === 'Open' || noShell === 'Refuted' ? doubted(opened.left) : opened.left);
  };

  /** It takes two tries, one after the other, and no shell ever, to believe that the image has none. */
  const doubted = (failure: OpenFailure): OpenFailure => {
    if (failure.type !== 'NoShell') return failure;
    if (noShell === 'Open') noShell = 'Suspected';
    return { type: 'ExecUnavailable', message: failure.message, fault: 'Sandbox' };
  };

  const welcome = (shell: ResidentShell): void => {
    if (closed !== undefined) return shell.close();
    if (!shell.alive) return failed(STILLBORN);
    noShell = 'Refuted';
    void shell.closed.then(() => died(shell));
    offer(shell);
    fill();
  };

  /** To whom has waited longest, or back among the idle ones. */
  const offer = (shell: ResidentShell): void => {
    if (line.serve(shell)) busy.add(shell);
    else idle.push(shell);
    if (reusable() > target && idle.length > 0) trimLater();
  };

  const trimLater = (): void => {
    if (target === 0) dropSurplus();
    else trim ??= clock.setTimer(SURPLUS_MS, dropSurplus);
  };

  const dropSurplus = (): void => {
    trim?.cancel();
    trim = undefined;
    while (idle.length > 0 && reusable() > target) idle.shift()?.close();
    if (reusable() > target && target > 0) trimLater();
  };

  /** A shell that ends while nobody uses it is a failure like one that would not open: no storm of them. */
  const died = (shell: ResidentShell): void => {
    const at = idle.indexOf(shell);
    if (at < 0) return;
    idle.splice(at, 1);
    failures += 1;
    if (target > reusable() || line.length() > 0) fillLater();
  };

  const failed = (failure: OpenFailure): void => {
    if (closed !== undefined) return;
    failures += 1;
    if (failure.type === 'NoShell') noShell = 'Confirmed';
    if (failure.type !== 'ExecUnavailable') return line.fail(failure);
    line.explain(failure);
    fillLater();
  };

  const fillLater = (): void => {
    if (retry !== undefined || closed !== undefined) return;
    if (line.length() === 0 && failures >= BACKGROUND_TRIES) return;
    retry = clock.setTimer(backoffMs(RETRY, failures), () => {
      retry = undefined;
      fill();
    });
  };

  const takeIdle = (): ResidentShell | undefined => {
    while (line.length() === 0) {
      const shell = idle.pop();
      if (shell === undefined) return undefined;
      if (!shell.alive) continue;
      busy.add(shell);
      return shell;
    }
    return undefined;
  };

  const retire = (shell: ResidentShell): void => {
    busy.delete(shell);
    ending.delete(shell);
    shell.close();
    fill();
  };

  return {
    takeIdle,
    take: async (options) => {
      if (closed !== undefined) return E.left(closed);
      const shell = takeIdle();
      if (shell !== undefined) return E.right(shell);
      const turn = line.join(options);
      fill();
      return turn;
    },
    giveBack: (shell) => {
      if (!busy.has(shell) || !shell.alive) return retire(shell);
      failures = 0;
      busy.delete(shell);
      offer(shell);
    },
    willEnd: (shell) => {
      if (!busy.delete(shell)) return;
      ending.add(shell);
      fill();
    },
    retire,
    keep: (count) => {
      target = Math.min(count, MAX_SHELLS);
      fill();
      if (reusable() > target) dropSurplus();
    },
    hasNoShell: () => noShell === 'Confirmed',
    close: (failure) => {
      closed ??= failure;
      retry?.cancel();
      trim?.cancel();
      line.fail(failure);
      for (const shell of [...idle.splice(0), ...busy, ...ending]) shell.close();
    },
  };
};
