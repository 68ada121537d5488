import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { BackendError } from '../ports/sandbox-backend.js';
import { withDeadline } from '../runtime/deadline.js';
import { runBounded } from '../runtime/run-bounded.js';
import type { PoolContext } from './pool-context.js';

/** Creations under way are waited for, as what they make would be left behind. A pull may take longer: then the next start finds it. */
const CREATIONS_MS = 20_000;
const AT_A_TIME = 8;
/** A second round takes what came or failed during the first; what then remains will not go. */
const ROUNDS = 3;

/** Removes all sandboxes of this installation. Right holds how many there were. To be called when the loops have stopped. */
export const removeEverything =
  (context: PoolContext): TaskEither<BackendError, number> =>
  async () => {
    const { backend, table, jobs, clock, exec } = context;
    await withDeadline(clock, CREATIONS_MS, jobs.idle());
    const removed = new Set<string>();
    let failure: BackendError | undefined;
    for (let round = 0; round < ROUNDS; round += 1) {
      const listed = await backend.list();
      if (E.isLeft(listed)) return listed;
      const left = listed.right.filter(({ uid }) => !removed.has(uid));
      if (left.length === 0) return E.right(removed.size);
      failure = undefined;
      await runBounded(left, AT_A_TIME, async ({ uid, name }) => {
        exec.forget(uid);
        const result = await backend.destroy(uid)();
        if (E.isLeft(result)) {
          failure = result.left;
          return;
        }
        removed.add(uid);
        table.remove(name, 'Shutdown');
      });
    }
    return failure === undefined ? E.right(removed.size) : E.left(failure);
  };
