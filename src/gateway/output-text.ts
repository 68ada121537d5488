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

/** Where output was cut off, half a character at its end is the cut's doing and not the command's. */
const withoutCutCharacter = (bytes: Buffer, truncated: boolean): Buffer =>
  truncated ? bytes.subarray(0, bytes.length - incompleteTail(bytes)) : bytes;

/** Whether somebody would call it text: UTF-8 without a NUL, of which JSON would make six characters each. */
const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);

/** Output as it goes into a reply: as text where it is text, otherwise both streams as base64. */
export const outputText = (
  output: CollectedOutput,
  wanted: OutputEncoding | undefined,
): { readonly encoding: OutputEncoding; readonly stdout: string; readonly stderr: string } => {
  const stdout = withoutCutCharacter(output.stdout, output.truncated.stdout);
  const stderr = withoutCutCharacter(output.stderr, output.truncated.stderr);
  const encoding = wanted ?? (isText(stdout) && isText(stderr) ? 'utf8' : 'base64');
  // as base64 the bytes are given as they are, up to the last
  return encoding === 'utf8'
    ? { encoding, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') }
    : {
        encoding,
        stdout: output.stdout.toString('base64'),
        stderr: output.stderr.toString('base64'),
      };
};
