import { describe, expect, it } from '@jest/globals';
import { capOutput } from '../../../src/exec/output-cap.js';
import { deferred } from '../../support/deferred.js';

const collect = (maxBytes: number, held?: Promise<void>) => {
  const seen = { stdout: '', stderr: '' };
  const cap = capOutput((output, bytes) => {
    seen[output] += bytes.toString();
    return held;
  }, maxBytes);
  return { seen, cap };
};

describe('capOutput', () => {
  it('passes what fits and drops the rest, for each stream apart', () => {
    const { seen, cap } = collect(4);
    void cap.sink('stdout', Buffer.from('abc'));
    void cap.sink('stdout', Buffer.from('def'));
    void cap.sink('stdout', Buffer.from('ghi'));
    void cap.sink('stderr', Buffer.from('1234'));
    expect(seen).toEqual({ stdout: 'abcd', stderr: '1234' });
    expect(cap.truncated()).toEqual({ stdout: true, stderr: false });
  });

  it('drops everything, and says so, where nothing is allowed', () => {
    const { seen, cap } = collect(0);
    void cap.sink('stderr', Buffer.from('x'));
    expect(seen.stderr).toBe('');
    expect(cap.truncated()).toEqual({ stdout: false, stderr: true });
  });

  it('holds the command back for a slow reader', async () => {
    const reader = deferred<void>();
    const { cap } = collect(10, reader.promise);
    const order: string[] = [];
    const passed = Promise.resolve(cap.sink('stdout', Buffer.from('x'))).then(() =>
      order.push('passed'),
    );
    order.push('read');
    reader.resolve(undefined);
    await passed;
    expect(order).toEqual(['read', 'passed']);
  });

  it('does not hold the command back for output that nobody gets', () => {
    const { cap } = collect(1, new Promise(() => undefined));
    void cap.sink('stdout', Buffer.from('x'));
    expect(cap.sink('stdout', Buffer.from('y'))).toBeUndefined();
  });

  it('lets go of a reader that never comes back', async () => {
    const { seen, cap } = collect(10, new Promise(() => undefined));
    const passed = cap.sink('stdout', Buffer.from('x'));
    cap.cutOff();
    await passed;
    void cap.sink('stdout', Buffer.from('y'));
    expect(seen.stdout).toBe('x');
    expect(cap.truncated().stdout).toBe(true);
  });
});
