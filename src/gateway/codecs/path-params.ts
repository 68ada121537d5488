import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { PoolKey } from '../../api/pool-key.js';
import type { LeaseIdentity } from '../../ports/lease-store.js';
import type { PoolUnknown } from '../../reconcile/leases.js';
import { type HttpError, invalidRequest } from '../http-error.js';

const namespaceParams = t.type({ namespace: t.string });
const poolParams = t.type({ namespace: t.string, pool: t.string });
const threadParams = t.type({ namespace: t.string, pool: t.string, thread: t.string });
const sandboxParams = t.type({ sandbox: t.string });

/** Namespaces and pools are named as Kubernetes names them. What is not such a name cannot be a pool, and must not reach a map key: an encoded slash would move the border between the two. */
const NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;

const MAX_THREAD_BYTES = 256;

/** The router matched a path without the parameter that its handler reads: a mistake in the table of routes. */
const missing = (): never => {
  throw new Error('the route has no such parameter');
};

export const namespaceParam = (params: unknown): string => {
  const decoded = namespaceParams.decode(params);
  return E.isRight(decoded) ? decoded.right.namespace : missing();
};

const poolKeyOf = ({
  namespace,
  pool,
}: t.TypeOf<typeof poolParams>): E.Either<PoolUnknown, PoolKey> =>
  NAME.test(namespace) && NAME.test(pool)
    ? E.right({ namespace, name: pool })
    : E.left({ type: 'PoolUnknown', message: `there is no pool "${pool}" in "${namespace}"` });

/** The pool that a path names; whether there is one is another question. */
export const poolParam = (params: unknown): E.Either<PoolUnknown, PoolKey> => {
  const decoded = poolParams.decode(params);
  return E.isRight(decoded) ? poolKeyOf(decoded.right) : missing();
};

export const sandboxParam = (params: unknown): string => {
  const decoded = sandboxParams.decode(params);
  return E.isRight(decoded) ? decoded.right.sandbox : missing();
};

/** Pool and thread of a path: any Unicode string of 1 to 256 bytes is a thread. */
export const leaseParams = (
  params: unknown,
  tenant: string,
): E.Either<PoolUnknown | HttpError, LeaseIdentity> => {
  const decoded = threadParams.decode(params);
  if (E.isLeft(decoded)) return missing();
  const pool = poolKeyOf(decoded.right);
  if (E.isLeft(pool)) return pool;
  const { thread } = decoded.right;
  const bytes = Buffer.byteLength(thread);
  if (bytes < 1 || bytes > MAX_THREAD_BYTES) {
    const message = `must be 1 to ${MAX_THREAD_BYTES} bytes long, and is ${bytes}`;
    return E.left(invalidRequest([{ path: 'thread', message }]));
  }
  return E.right({ pool: pool.right, tenant, thread });
};
