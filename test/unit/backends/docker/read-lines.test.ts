import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { LineTooLong, readLines } from '../../../../src/backends/docker/read-lines.js';

const all = async (chunks: readonly Buffer[]): Promise<readonly string[]> => {
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks))) lines.push(line);
  return lines;
};

describe('readLines', () => {
  it('joins what was cut, also within a character', async () => {
    const bytes = Buffer.from('ä1\n\r\nzwei\nlast');
    const chunks = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect(await all(chunks)).toEqual(['ä1', 'zwei', 'last']);
    expect(await all([bytes])).toEqual(['ä1', 'zwei', 'last']);
  });

  it('does not gather a line without end', async () => {
    const endless = Array.from({ length: 3 }, () => Buffer.alloc(600_000, 'x'));
    await expect(all(endless)).rejects.toThrow(LineTooLong);
  });
});
