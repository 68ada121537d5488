import { afterAll, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { ExecSpec } from '../../../src/ports/sandbox-backend.js';
import { createFakeExec } from '../../support/fake-exec.js';

const exec = createFakeExec();
afterAll(() => exec.endAll());

const run = async (uid: string, script: string, more: Partial<ExecSpec> = {}) => {
  const opened = exec.open(uid, { argv: ['sh', '-c', script], stdin: false, ...more });
  if (E.isLeft(opened)) throw new Error(opened.left.message);
  let output = '';
  opened.right.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  opened.right.stderr.resume();
  return { end: await opened.right.ended, output, stream: opened.right };
};

describe('the exec of the fake backend', () => {
  it('runs a real shell and tells its exit status', async () => {
    const { end, output } = await run('a', 'echo "$PWD $GREETING"; exit 3', {
      cwd: '/usr',
      env: { GREETING: 'hello' },
    });
    expect(output).toBe('/usr hello\n');
    expect(end).toEqual({ type: 'Exited', exitCode: 3 });
  });

  it('maps the death by a signal to 128 + n', async () => {
    expect((await run('a', 'kill -KILL $$')).end).toEqual({ type: 'Exited', exitCode: 137 });
  });

  it('ends the streams of a sandbox that goes away as lost', async () => {
    const opened = exec.open('b', { argv: ['sh', '-c', 'echo go; sleep 100'], stdin: true });
    if (E.isLeft(opened)) throw new Error(opened.left.message);
    opened.right.stderr.resume();
    await new Promise((resolve) => opened.right.stdout.once('data', resolve));
    exec.end('b');
    expect((await opened.right.ended).type).toBe('Lost');
  });

  it('resolves after close, though the process goes on', async () => {
    const opened = exec.open('c', { argv: ['sleep', '100'], stdin: true });
    if (E.isLeft(opened)) throw new Error(opened.left.message);
    opened.right.close();
    expect((await opened.right.ended).type).toBe('Lost');
  });

  it('feeds stdin and sees its end', async () => {
    const opened = exec.open('a', { argv: ['wc', '-c'], stdin: true });
    if (E.isLeft(opened)) throw new Error(opened.left.message);
    let output = '';
    opened.right.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    opened.right.stderr.resume();
    opened.right.stdin.end('12345');
    await opened.right.ended;
    expect(output.trim()).toBe('5');
  });
});
