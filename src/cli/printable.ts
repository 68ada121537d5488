/**
 * A text that cannot do anything to a terminal: control and format characters are shown as escapes. Thread
 * names are chosen by callers and may hold anything.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${code.toString(16)}}`;
  });
