import * as E from 'fp-ts/lib/Either.js';
import { type PoolKey, poolKeyText } from '../api/pool-key.js';
import { assertNever } from '../core/assert-never.js';
import type { CreationProblem } from '../core/pool/creation-backoff.js';
import type { PlanSpec } from '../core/pool/plan-types.js';
import { sandboxName } from '../core/pool/sandbox-name.js';
import type { StoredPool } from '../ports/pool-store.js';
import type { CreateError } from '../ports/sandbox-backend.js';
import { warmSpecOf } from './describe-pool.js';
import type { PoolContext } from './pool-context.js';
import { warmSandbox } from './warm-sandbox.js';

/** 32 bits among at most ten thousand sandboxes; a name that is taken is drawn again. */
const SUFFIX_BYTES = 4;

/** Enters a new sandbox into the table, under a name that nobody has. */
const enter = (context: PoolContext, pool: PoolKey, templateHash: string): string => {
  const { random, installation, table } = context;
  for (;;) {
    const name = sandboxName({ installation, pool, suffix: random.token(SUFFIX_BYTES) });
    if (table.startCreating({ name, pool, templateHash })) return name;
  }
};

const note = ({ progress }: PoolContext, pool: PoolKey, name: string, text?: string): void => {
  const key = poolKeyText(pool);
  const lines = progress.get(key) ?? new Map<string, string>();
  if (text === undefined) lines.delete(name);
  else lines.set(name, text);
  if (lines.size === 0) progress.delete(key);
  else progress.set(key, lines);
};

/** What a failure says about the template; undefined where it says nothing about it. */
const problemOf = (error: CreateError): CreationProblem | undefined => {
  switch (error.type) {
    case 'BackendUnavailable':
      return undefined;
    case 'ImageMissing':
      return { reason: 'ImageMissing', message: error.message };
    case 'BackendRefused':
    case 'StartFailed':
      return { reason: 'CreateFailed', message: error.message };
    default:
      return assertNever(error);
  }
};

const noteFailure = (
  context: PoolContext,
  { pool, name, templateHash }: { pool: PoolKey; name: string; templateHash: string },
  error: CreateError,
): void => {
  const { records, health, metrics, logger, unresolved, sightings } = context;
  // the backend may have made it all the same: the next listing tells
  unresolved.set(name, sightings.begun());
  context.relist();
  logger.debug({ pool: poolKeyText(pool), sandbox: name, error }, 'a creation failed');
  const problem = problemOf(error);
  if (problem === undefined) {
    health.unavailable(error.message);
    return;
  }
  records.failed({ pool, templateHash }, problem);
  metrics.sandboxCreateFailed(pool, error.type);
};

/** Has the backend make the sandbox, and warms it. */
const bringUp = async (context: PoolContext, stored: StoredPool, name: string): Promise<void> => {
  const { backend, table, clock, metrics } = context;
  const entry = table.named(name);
  if (entry === undefined) return;
  const { pool, templateHash } = entry;
  const began = clock.monotonic();
  const made = await backend.create(
    { name, pool, templateHash, template: stored.pool.spec.template },
    (text) => {
      note(context, pool, name, text);
      context.poke(pool);
    },
  )();
  if (E.isLeft(made)) {
    noteFailure(context, entry, made.left);
    return;
  }
  table.observe(made.right, 'Creating', 0);
  const { uid } = made.right;
  const sandbox = table.get(uid);
  if (sandbox === undefined) return;
  if (context.pools.get(pool) === undefined) {
    table.move(uid, 'Creating', 'Terminating', 'PoolDeleted');
    return;
  }
  if (await warmSandbox(context, { ...sandbox, uid }, warmSpecOf(stored))) {
    metrics.sandboxCreated(pool, (clock.monotonic() - began) / 1000);
  }
};

/** Starts one creation: the sandbox is in the table at once, the rest follows by itself. */
export const startCreation = (context: PoolContext, stored: StoredPool, spec: PlanSpec): void => {
  const name = enter(context, stored.key, spec.templateHash);
  const giveBack = context.slots.take();
  context.jobs.start(name, async () => {
    try {
      await bringUp(context, stored, name);
    } finally {
      note(context, stored.key, name);
      giveBack();
    }
  });
};
