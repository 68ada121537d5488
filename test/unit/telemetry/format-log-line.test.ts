import { describe, expect, it } from '@jest/globals';
import { formatLogLine } from '../../../src/telemetry/format-log-line.js';

const entry = (fields: object): string =>
  `${JSON.stringify({ level: 'info', time: '2026-01-02T10:15:42.123Z', msg: 'hello', ...fields })}\n`;

describe('formatLogLine', () => {
  it('shows time, level, message and fields in this order', () => {
    expect(formatLogLine(entry({ pool: 'default/python', epoch: 7 }), false)).toBe(
      '10:15:42.123 INFO  hello  pool=default/python epoch=7\n',
    );
  });

  it('quotes values that hold spaces', () => {
    expect(formatLogLine(entry({ thread: 'my thread' }), false)).toMatch(/thread="my thread"\n$/);
  });

  it('never lets a value steer the terminal', () => {
    const line = formatLogLine(entry({ thread: '\u001b[2J\u009b31m\n' }), false);
    expect(line.slice(0, -1)).toMatch(/^[\u0020-\u007e]+$/);
  });

  it('shows an error by its message and its stack below', () => {
    const error = { type: 'TypeError', message: 'no', stack: 'TypeError: no\n    at here' };
    expect(formatLogLine(entry({ error }), false)).toBe(
      '10:15:42.123 INFO  hello  error="TypeError: no"\n    at here\n',
    );
  });

  it('colours only when it may', () => {
    expect(formatLogLine(entry({}), true)).toContain('\u001b[32mINFO ');
  });

  it('passes on what is no entry of the log', () => {
    expect(formatLogLine('plain text\n', false)).toBe('plain text\n');
  });
});
