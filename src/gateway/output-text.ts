import { isUtf8 } from 'node:buffer';

export type OutputEncoding = 'utf8' | 'base64';

/**
 * How many bytes at the end begin a character of UTF-8 that is not complete: 0..3.
 * For example 2 for `"a" e2 82`, the first two of the three bytes of `€`.
 */
export const incompleteTail = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80 || byte > 0xf4) return 0; // ASCII, or no byte of UTF-8
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
};

export interface CollectedOutput {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly truncated: { readonly stdout: boolean; readonly stderr: boolean };
}

/** The bytes that a reply carries, and as what. */
export interface PreparedOutput {
  readonly encoding: OutputEncoding;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Where output was cut off, half a character at its end is the cut's doing and not the command's. */
const withoutCutCharacter = (bytes: Buffer, truncated: boolean): Buffer =>
  truncated ? bytes.subarray(0, bytes.length - incompleteTail(bytes)) : bytes;

/** Whether somebody would call it text: UTF-8 without a NUL, of which JSON would make six characters each. */
const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);

/** Output goes into a reply as text where it is text, otherwise both streams as base64. */
export const prepareOutput = (
  output: CollectedOutput,
  wanted: OutputEncoding | undefined,
): PreparedOutput => {
  const { stdout, stderr, truncated } = output;
  const text = {
    encoding: 'utf8',
    stdout: withoutCutCharacter(stdout, truncated.stdout),
    stderr: withoutCutCharacter(stderr, truncated.stderr),
  } as const;
  const encoding = wanted ?? (isText(text.stdout) && isText(text.stderr) ? 'utf8' : 'base64');
  // as base64 the bytes are given as they are, up to the last
  return encoding === 'utf8' ? text : { encoding, stdout, stderr };
};

export interface OutputText {
  readonly encoding: OutputEncoding;
  readonly stdout: string;
  readonly stderr: string;
}

export const outputText = ({ encoding, stdout, stderr }: PreparedOutput): OutputText => ({
  encoding,
  stdout: stdout.toString(encoding),
  stderr: stderr.toString(encoding),
});
