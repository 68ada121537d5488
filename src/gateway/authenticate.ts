import { createHash, timingSafeEqual } from 'node:crypto';

const BEARER = /^bearer +([^ ]+) *$/i;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Checks `Authorization` headers against a token. Digests are compared, all of them, so that the time
 * that it takes tells nothing about the token or its length.
 */
export const tokenCheck = (token: string): ((authorization: string | undefined) => boolean) => {
  const expected = digest(token);
  return (authorization) => {
    const presented = BEARER.exec(authorization ?? '')?.[1];
    return timingSafeEqual(digest(presented ?? ''), expected) && presented !== undefined;
  };
};
