import type { PoolKey } from '../../api/pool-key.js';

/** Who holds a lease, or asks for one. */
interface Thread {
  readonly pool: PoolKey;
  readonly tenant: string;
  readonly thread: string;
}

/**
 * One text for one pool, tenant and thread, to be used as a key: equal texts mean the same thread,
 * whatever characters the parts hold. Nothing is normalised: threads that look alike but differ in a
 * code unit are different threads. Lone surrogates come out as escapes, so the text is always valid Unicode.
 */
export const threadKey = ({ pool, tenant, thread }: Thread): string =>
  JSON.stringify([pool.namespace, pool.name, tenant, thread]);
