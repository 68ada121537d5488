/** What no shell gives a meaning to, wherever it stands; `=` and `~` are left out on purpose. */
const PLAIN = /^[A-Za-z0-9_/.:@%+,-]+$/;

/**
 * One word of shell text that means exactly `text`: `it's` becomes `'it'\''s'`. Right for every POSIX
 * shell, for newlines and for any character but NUL, which no argument can hold.
 */
export const quoteWord = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

export const quoteWords = (words: readonly string[]): string => words.map(quoteWord).join(' ');
