import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Clock } from '../../ports/clock.js';
import type { ExecEnd } from '../../ports/sandbox-backend.js';
import type { Engine } from './engine.js';
import { answered } from './errors.js';

const INSPECT_MS = 10_000;
/** The engine notes an exit some milliseconds before or after it ends the stream. */
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 500;
/** A process may close its output and go on; after so long nobody waits for it any more. */
const GIVE_UP_MS = 30_000;

const ExecDetails = t.type({ Running: t.boolean, ExitCode: t.union([t.number, t.null]) });

const lost = (message: string): ExecEnd => ({ type: 'Lost', message });

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.setTimer(ms, resolve));

/** Asks the engine how an exec ended whose stream has ended in order. `stopped` ends the asking. */
export const askExecEnd = async (
  engine: Engine,
  clock: Clock,
  execId: string,
  stopped: () => boolean,
): Promise<ExecEnd> => {
  const until = clock.monotonic() + GIVE_UP_MS;
  for (let wait = FIRST_PAUSE_MS; !stopped(); wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    const answer = await engine.call(INSPECT_MS, (docker, abortSignal) =>
      docker.getExec(execId).inspect({ abortSignal }),
    )();
    if (E.isLeft(answer)) {
      return answered(answer.left, 404)
        ? lost('the sandbox went away before the exit status was known')
        : lost(answer.left.message);
    }
    if (!ExecDetails.is(answer.right)) return lost('the Docker engine did not say how it ended');
    const { Running, ExitCode } = answer.right;
    if (!Running && ExitCode !== null) return { type: 'Exited', exitCode: ExitCode };
    if (clock.monotonic() > until) return lost('the output ended and the process goes on');
    await pause(clock, wait);
  }
  return lost('the stream was closed');
};
