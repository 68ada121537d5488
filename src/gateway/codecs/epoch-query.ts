import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type InvalidRequest, invalidRequest } from '../http-error.js';
import { isJsonObject } from './strict-object.js';

const problem = (path: string, message: string): E.Either<InvalidRequest, never> =>
  E.left(invalidRequest([{ path, message }]));

/** `?epoch=7`: the lease that a caller means. No other query parameter is known. */
export const epochQuery = (query: unknown): E.Either<InvalidRequest, number | undefined> => {
  if (!isJsonObject(query)) return E.right(undefined);
  const unknown = Object.keys(query).find((name) => name !== 'epoch');
  if (unknown !== undefined) return problem(`?${unknown}`, 'unknown query parameter');
  const { epoch } = query;
  if (epoch === undefined) return E.right(undefined);
  const value = t.string.is(epoch) && /^[0-9]{1,16}$/.test(epoch) ? Number(epoch) : 0;
  return Number.isSafeInteger(value) && value > 0
    ? E.right(value)
    : problem('?epoch', 'must be a positive integer');
};
