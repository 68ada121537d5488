import { InvalidArgumentError } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { label } from '../api/names.js';

/** As warmpool bounds it: longer ones would not fit into a path. */
const MAX_THREAD_BYTES = 256;

const Name = label('A pool or a namespace.');

/** The name of a pool or of a namespace. */
export const resourceName = (text: string): string => {
  const decoded = Name.decode(text);
  if (E.isRight(decoded)) return text;
  throw new InvalidArgumentError(`It ${decoded.left[0]?.message ?? 'is no name'}.`);
};

/** The name of a thread: any text, but some. */
export const threadName = (text: string): string => {
  const bytes = Buffer.byteLength(text);
  if (bytes >= 1 && bytes <= MAX_THREAD_BYTES) return text;
  throw new InvalidArgumentError(`It must be 1 to ${MAX_THREAD_BYTES} bytes long.`);
};

/** A number of seconds above 0, fractions allowed. */
export const seconds = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a number of seconds above 0.');
  }
  return value;
};

export const positiveInteger = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value === 0) {
    throw new InvalidArgumentError('It must be a positive integer.');
  }
  return value;
};

/** Gathers `NAME=VALUE` of an option that may be repeated. */
export const assignment = (
  text: string,
  earlier: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write NAME=VALUE.');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
};
