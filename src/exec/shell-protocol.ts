import { quoteWord } from './quote.js';
import { GREETING } from './shell-loop.js';

/** How the loop runs a script; see shell-loop.ts. */
export type RequestMode = 'subshell' | 'become' | 'direct';

const MODE_LETTERS: Readonly<Record<RequestMode, string>> = {
  subshell: 'r',
  become: 'b',
  direct: 'd',
};

/** Bytes in a nonce: 64 bits, new for each request, that no output holds by chance. Shells read a line byte by byte. */
export const NONCE_BYTES = 8;

/** The greeting has one number; anything longer is not ours. */
export const MAX_GREETING_BYTES = 4096;

/** ` 255 1` and the newline. */
const MAX_TRAILER_BYTES = 16;

const NEWLINE = 10;

/** The text as one line that means the same: IFS ends with a newline, as shells start with it. */
const foldLines = (text: string): string =>
  `wp_n=\${IFS#??};eval 'unset wp_n;${text.replaceAll("'", "'\\''").replaceAll('\n', `'"$wp_n"'`)}'`;

/** The loop's `read` drops spaces at the end of the line, which a backslash before them would miss. */
const needsFolding = (script: string): boolean => script.includes('\n') || script.endsWith(' ');

const onOneLine = (script: string): string => (needsFolding(script) ? foldLines(script) : script);

const NO_MARKER = '-';

/** The one line that asks the loop to run a script; a marker makes it a command of the thread whose directory is set. */
export const requestLine = (
  nonce: string,
  mode: RequestMode,
  { script, marker = NO_MARKER }: { readonly script: string; readonly marker?: string },
): string => `${nonce} ${MODE_LETTERS[mode]} ${marker} ${onOneLine(script)}\n`;

/** The line that sets the directory for commands with a marker. Nothing answers it. */
export const directoryLine = (directory: string): string =>
  `- h ${NO_MARKER} ${onOneLine(`wp_h=${quoteWord(directory)}`)}\n`;

/** The shell's process id, or undefined if that is no greeting of this version. */
export const parseGreeting = (line: string): number | undefined => {
  const match = new RegExp(`^${GREETING} ([1-9][0-9]{0,9})$`).exec(line);
  return match === null ? undefined : Number(match[1]);
};

export interface TrailerFields {
  readonly exitCode: number;
  readonly dirty: boolean;
}

/** What follows the nonce on stdout: ` 0 1`. */
export const parseTrailer = (text: string): TrailerFields | undefined => {
  const match = /^ ([0-9]{1,3}) ([01])$/.exec(text);
  return match === null ? undefined : { exitCode: Number(match[1]), dirty: match[2] === '1' };
};

export interface ScanStep {
  /** The command's own bytes, if there are any; a view of the chunk, mostly. */
  readonly output?: Buffer;
  /** What stood between the nonce and the end of its line. */
  readonly trailer?: string;
  /** Bytes came after the trailer: somebody else writes to this stream. */
  readonly stray?: true;
  /** The nonce came, but no end of line: the stream is of no use any more. */
  readonly broken?: true;
}

/** Finds the trailer in a stream that comes in chunks cut anywhere. */
export interface TrailerScanner {
  readonly push: (chunk: Buffer) => ScanStep;
}

const NOTHING: ScanStep = {};
const STRAY: ScanStep = { stray: true };

/** Where the longest beginning of `nonce` starts that `bytes` ends with; the length of `bytes` if none. */
const partialAt = (bytes: Buffer, nonce: Buffer): number => {
  const [first = 0] = nonce;
  let at = bytes.indexOf(first, Math.max(0, bytes.length - nonce.length + 1));
  while (at >= 0) {
    if (bytes.compare(nonce, 0, bytes.length - at, at) === 0) return at;
    at = bytes.indexOf(first, at + 1);
  }
  return bytes.length;
};

const trailerIn = (bytes: Buffer): ScanStep | undefined => {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) return bytes.length > MAX_TRAILER_BYTES ? { broken: true } : undefined;
  if (end > MAX_TRAILER_BYTES) return { broken: true };
  const trailer = bytes.toString('latin1', 0, end);
  return end + 1 < bytes.length ? { trailer, stray: true } : { trailer };
};

/**
 * A scanner for one command's stdout or stderr. Output is passed on at once; only the beginning of a
 * possible nonce, less than its length, is held back. Each byte is looked at a bounded number of times.
 */
export const createTrailerScanner = (nonceText: string): TrailerScanner => {
  const nonce = Buffer.from(nonceText, 'latin1');
  let held: Buffer | undefined;
  let state: 'output' | 'trailer' | 'over' = 'output';

  const scanTrailer = (bytes: Buffer, output: Buffer | undefined): ScanStep => {
    const found = trailerIn(bytes);
    state = found === undefined ? 'trailer' : 'over';
    held = found === undefined ? bytes : undefined;
    return output === undefined ? (found ?? NOTHING) : { ...found, output };
  };

  const scanOutput = (bytes: Buffer): ScanStep => {
    const at = bytes.indexOf(nonce);
    if (at >= 0) {
      const output = at === 0 ? undefined : bytes.subarray(0, at);
      return scanTrailer(bytes.subarray(at + nonce.length), output);
    }
    const partial = partialAt(bytes, nonce);
    held = partial < bytes.length ? bytes.subarray(partial) : undefined;
    return partial === 0 ? NOTHING : { output: bytes.subarray(0, partial) };
  };

  return {
    push: (chunk) => {
      if (chunk.length === 0) return NOTHING;
      if (state === 'over') return STRAY;
      const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
      return state === 'output' ? scanOutput(bytes) : scanTrailer(bytes, undefined);
    },
  };
};
