import { isUtf8 } from 'node:buffer';
import * as E from 'fp-ts/lib/Either.js';

/** A body as JSON; an empty one is undefined. Bytes that are no UTF-8 are refused, never replaced. Left says why. */
export const parseJsonBody = (bytes: Buffer): E.Either<string, unknown> => {
  if (bytes.length === 0) return E.right(undefined);
  if (!isUtf8(bytes)) return E.left('the body is not valid UTF-8');
  return E.tryCatch(
    (): unknown => JSON.parse(bytes.toString('utf8')),
    (error) => E.toError(error).message,
  );
};
