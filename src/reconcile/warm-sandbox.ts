import * as E from 'fp-ts/lib/Either.js';
import { reasonText } from '../core/pool/recycle-reason.js';
import type { Sandbox } from '../core/pool/sandbox.js';
import type { WarmSpec } from '../exec/sandbox-exec.js';
import { TIMED_OUT, withDeadline } from '../runtime/deadline.js';
import type { PoolContext } from './pool-context.js';

/** Opening two shells takes 0.1 s; on an engine that is busy pulling and starting, many times that. */
export const WARM_TIMEOUT_MS = 30_000;

/** Why the sandbox would not warm; undefined if it is warm. */
const whyNotWarm = (
  context: PoolContext,
  uid: string,
  spec: WarmSpec,
): Promise<string | undefined> =>
  context.warming.run(async () => {
    const { clock, exec } = context;
    const warmed = await withDeadline(clock, WARM_TIMEOUT_MS, exec.warm(uid, spec)());
    if (warmed === TIMED_OUT) return `not warm after ${WARM_TIMEOUT_MS / 1000} s`;
    return E.isLeft(warmed) ? warmed.left.message : undefined;
  });

/** Asks the backend itself: a failure while it is silent says nothing about the sandbox. */
const backendAnswers = async ({ backend, health }: PoolContext): Promise<boolean> => {
  const answer = await backend.ping();
  if (E.isRight(answer) || answer.left.type !== 'BackendUnavailable') return true;
  health.unavailable(answer.left.message);
  return false;
};

/**
 * Makes a sandbox that runs ready for commands: Creating -> Ready, or Failed. While the backend is
 * silent it stays Creating, to be tried again. True if it is Ready.
 */
export const warmSandbox = async (
  context: PoolContext,
  sandbox: Sandbox & { readonly uid: string },
  spec: WarmSpec,
): Promise<boolean> => {
  const { table, records, metrics } = context;
  const { uid, pool, templateHash } = sandbox;
  const problem = await whyNotWarm(context, uid, spec);
  if (problem === undefined) {
    const ready = table.move(uid, 'Creating', 'Ready');
    if (ready) records.succeeded({ pool, templateHash });
    return ready;
  }
  if (!(await backendAnswers(context))) return false;
  // somebody who knew more may have moved it meanwhile
  if (!table.move(uid, 'Creating', 'Failed', reasonText('WarmupFailed', problem))) return false;
  records.failed({ pool, templateHash }, { reason: 'WarmupFailed', message: problem });
  metrics.sandboxCreateFailed(pool, 'WarmupFailed');
  return false;
};

/** For a leased sandbox that was found at the start: opens its shells, so that its thread need not wait for them. */
export const warmLeased = async (
  context: PoolContext,
  sandbox: Sandbox & { readonly uid: string },
  spec: WarmSpec,
): Promise<void> => {
  const problem = await whyNotWarm(context, sandbox.uid, spec);
  if (problem === undefined) return;
  const fields = { sandbox: sandbox.name, uid: sandbox.uid, error: problem };
  context.logger.warn(fields, 'a leased sandbox could not be warmed; its next command tries again');
};
