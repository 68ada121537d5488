import type { Command } from 'commander';

/** How many words an option takes beside itself: `-t NAME` one, `-tNAME`, `--thread=NAME` and `-i` none. */
const wordsAfter = (command: Command, word: string): number => {
  const takesValue = (flag: string): boolean =>
    command.options.some(
      (option) => option.required && (option.short === flag || option.long === flag),
    );
  if (word.startsWith('--')) return takesValue(word) ? 1 : 0;
  const flags = Array.from(word.slice(1));
  const at = flags.findIndex((flag) => takesValue(`-${flag}`));
  return at >= 0 && at === flags.length - 1 ? 1 : 0;
};

/**
 * Puts `--` in front of the command that `exec` is to run, so that its options are its own: in
 * `exec POOL -t T ls -l`, the `-l` belongs to `ls`. Options of ours may stand before and after POOL.
 */
export const separateCommand = (command: Command, words: readonly string[]): readonly string[] => {
  let operands = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') return words;
    if (word.startsWith('-') && word.length > 1) {
      index += wordsAfter(command, word);
      continue;
    }
    operands += 1;
    if (operands === 2) return [...words.slice(0, index), '--', ...words.slice(index)];
  }
  return words;
};
