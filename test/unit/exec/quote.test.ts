import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { quoteWord, quoteWords } from '../../../src/exec/quote.js';

/** What arguments can hold: anything but NUL; lone surrogates have no UTF-8. */
const argument = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '\n',
        ' ',
        '$',
        '`',
        '*',
        '~',
        '!',
        '#',
        '=',
        '-',
        '\r',
        '\t',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.from(parts.join('').replaceAll('\0', '')).toString());

describe('quoteWord', () => {
  it('leaves plain words as they are, and quotes the rest', () => {
    expect(quoteWord('src/a-b_c.ts')).toBe('src/a-b_c.ts');
    expect(quoteWord('')).toBe("''");
    expect(quoteWord("it's")).toBe("'it'\\''s'");
    expect(quoteWord('~')).toBe("'~'");
    expect(quoteWord('a=b')).toBe("'a=b'");
    expect(quoteWords(['echo', 'a b'])).toBe("echo 'a b'");
  });

  it.each([
    ['dash', []],
    ['bash', ['--posix']],
    ['busybox', ['sh']],
  ])('means exactly the text to %s', (shell, flags) => {
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 20 }), (words) => {
        const script = `printf '<%s>' ${quoteWords(words)}`;
        const printed = execFileSync(shell, [...flags, '-c', script], { encoding: 'utf8' });
        expect(printed).toBe(words.map((word) => `<${word}>`).join(''));
      }),
      { numRuns: 40 },
    );
  });
});
