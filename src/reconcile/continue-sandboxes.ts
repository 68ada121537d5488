import { assertNever } from '../core/assert-never.js';
import type { Sandbox } from '../core/pool/sandbox.js';
import type { StoredPool } from '../ports/pool-store.js';
import { warmSpecOf } from './describe-pool.js';
import type { PoolContext } from './pool-context.js';
import { removeSandbox, untilRemoval } from './remove-sandbox.js';
import { resetSandbox } from './reset-sandbox.js';
import { warmSandbox } from './warm-sandbox.js';

type Identified = Sandbox & { readonly uid: string };

const identified = (sandbox: Sandbox): sandbox is Identified => sandbox.uid !== undefined;

const warm = (context: PoolContext, sandbox: Identified, stored: StoredPool | undefined): void => {
  if (stored === undefined) {
    context.table.move(sandbox.uid, 'Creating', 'Terminating', 'PoolDeleted');
    return;
  }
  context.jobs.start(sandbox.name, async () => {
    await warmSandbox(context, sandbox, warmSpecOf(stored));
  });
};

/**
 * Makes sure that whatever is on its way somewhere has a job that moves it on: also after the job that
 * began it was cut short. The answer is when to come again, in milliseconds, for what has to wait.
 */
export const continueSandboxes = (
  context: PoolContext,
  sandboxes: readonly Sandbox[],
  stored: StoredPool | undefined,
): number | undefined => {
  const { jobs, health } = context;
  // all of it needs the backend; when that answers again, every pool gets a pass
  if (health.problem() !== undefined) return undefined;
  let waitMs: number | undefined;
  for (const sandbox of sandboxes) {
    if (jobs.has(sandbox.name) || !identified(sandbox)) continue;
    switch (sandbox.phase) {
      case 'Creating':
        warm(context, sandbox, stored);
        break;
      case 'Resetting':
        jobs.start(sandbox.name, () => resetSandbox(context, sandbox));
        break;
      case 'Terminating': {
        const wait = untilRemoval(context, sandbox.uid);
        if (wait === 0) jobs.start(sandbox.name, () => removeSandbox(context, sandbox));
        else waitMs = Math.min(waitMs ?? wait, wait);
        break;
      }
      case 'Ready':
      case 'Leased':
      case 'Failed':
      case 'Quarantined':
        break;
      default:
        assertNever(sandbox.phase);
    }
  }
  return waitMs;
};
