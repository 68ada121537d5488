import { createHash } from 'node:crypto';
import type { PoolKey } from '../../api/pool-key.js';

/** The longest DNS label, and so the longest host name of a sandbox. */
const LONGEST = 63;
/** 32 bits: two pools of the same name on one engine would have to be among tens of thousands to meet. */
const SCOPE_DIGITS = 8;

const dnsSafe = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');

/**
 * Name of a sandbox: `<pool>-<scope>-<suffix>`, as in `python-1c9f02ab-7d31c0e4`. The scope is a hash of
 * installation, namespace and pool, so that pools of the same name in other namespaces or installations
 * on one engine cannot collide; the suffix sets the sandboxes of one pool apart. A DNS label of at most
 * 63 characters. `suffix` must be of lower-case letters and digits, at most 16 of them.
 */
export const sandboxName = (of: {
  readonly installation: string;
  readonly pool: PoolKey;
  readonly suffix: string;
}): string => {
  const scope = createHash('sha256')
    .update(JSON.stringify([of.installation, of.pool.namespace, of.pool.name]))
    .digest('hex')
    .slice(0, SCOPE_DIGITS);
  const end = `-${scope}-${of.suffix}`;
  const start = dnsSafe(dnsSafe(of.pool.name).slice(0, LONGEST - end.length));
  return `${start === '' ? 'sandbox' : start}${end}`;
};
