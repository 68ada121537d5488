import { InvalidArgumentError } from 'commander';

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
