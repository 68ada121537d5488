import { describe, expect, it } from '@jest/globals';
import {
  type CollectedOutput,
  type OutputEncoding,
  prepareOutput,
  outputText as textOf,
} from '../../../src/gateway/output-text.js';

const outputText = (output: CollectedOutput, wanted: OutputEncoding | undefined) =>
  textOf(prepareOutput(output, wanted));
const none = { stdout: false, stderr: false };
const output = (stdout: Buffer | string, truncated = none) => ({
  stdout: Buffer.from(stdout),
  stderr: Buffer.from(''),
  truncated,
});

describe('output of a command in a reply', () => {
  it('is text where it is UTF-8', () => {
    expect(outputText(output('größe\n'), undefined)).toEqual({
      encoding: 'utf8',
      stdout: 'größe\n',
      stderr: '',
    });
  });

  it('is base64 where it is not UTF-8, or holds NUL bytes that JSON would blow up', () => {
    expect(outputText(output(Buffer.from([0xff, 0xfe])), undefined)).toMatchObject({
      encoding: 'base64',
      stdout: '//4=',
    });
    expect(outputText(output('a\0b'), undefined)).toMatchObject({
      encoding: 'base64',
      stdout: 'YQBi',
    });
  });

  it('is what the caller asked for', () => {
    expect(outputText(output('a\0b'), 'utf8').stdout).toBe('a\0b');
    expect(outputText(output('a'), 'base64').stdout).toBe('YQ==');
  });

  it('loses half a character at a cut, and only there', () => {
    const half = Buffer.from('€').subarray(0, 2);
    const cut = outputText(output(half, { stdout: true, stderr: false }), undefined);
    expect(cut).toMatchObject({ encoding: 'utf8', stdout: '' });
    expect(outputText(output(half), undefined)).toMatchObject({ encoding: 'base64' });
  });
});
