import { describe, expect, it } from '@jest/globals';
import { MARKER_VARIABLE } from '../../../src/exec/command-marker.js';
import { commandScript, wholeScript } from '../../../src/exec/wrap-command.js';

const script = (command: string | readonly string[], more = {}): string =>
  commandScript({ command, ...more });

describe('commandScript', () => {
  it('is the text itself, as shells read byte by byte', () => {
    expect(script('ls | wc')).toBe('ls | wc');
    expect(script('ls | wc', { env: {}, cwd: '' })).toBe('ls | wc');
  });

  it('execs an argument vector, which saves a fork', () => {
    expect(script(['ls', '-l', 'a b'])).toBe("exec ls -l 'a b'");
  });

  it('does not let exec take a name for an option', () => {
    expect(script(['-x', 'y'])).toBe('-x y');
  });

  it('sets the environment, but not the marker, whatever the caller says', () => {
    const env = { [MARKER_VARIABLE]: 'mine', A: '1' };
    expect(script('x', { env })).toBe('export A=1;x');
    expect(script('x', { env: { [MARKER_VARIABLE]: 'mine' } })).toBe('x');
  });

  it('leaves names that shells keep for themselves to env', () => {
    const env = { IFS: 'a', A: '1' };
    expect(script(['x'], { env })).toBe('export A=1;exec env IFS=a x');
    expect(script('x', { env: { PPID: '1' } })).toBe('exec env PPID=1 sh -c x');
  });

  it('gives text that breaks out of loops a shell of its own', () => {
    expect(script('for i in 1; do break; done')).toBe("exec sh -c 'for i in 1; do break; done'");
    expect(script('echo breakfast')).toBe('echo breakfast');
  });

  it('gives text that asks for its process id a shell that has one', () => {
    expect(script('kill $$')).toBe("exec sh -c 'kill $$'");
    expect(script('echo ${$}')).toBe("exec sh -c 'echo ${$}'");
    expect(script('echo $HOME $1 $?')).toBe('echo $HOME $1 $?');
  });

  it('gives such text a function of its own where it is too long for a program', () => {
    const long = `break;: ${'x'.repeat(131_064)}`;
    expect(script(long)).toMatch(/^wp_f\(\)\{ unset -f wp_f;eval 'break/u);
    expect(script(long.slice(1))).toBe(long.slice(1));
    expect(script(long.slice(0, -1))).toMatch(/^exec sh -c 'break/u);
  });

  it('enters the directory asked for', () => {
    expect(script('x', { cwd: 'a/b' })).toBe('cd ./a/b||exit 126;x');
    expect(script('x', { cwd: '/abs' })).toBe('cd /abs||exit 126;x');
  });
});

describe('wholeScript', () => {
  it('enters the directory of the thread first, marked', () => {
    const place = { directory: "/w/it's", marker: '123456789012345' };
    const whole = wholeScript({ command: 'x', cwd: 'a' }, place);
    expect(whole).toMatch(/^wp_g=123456789012345;wp_h='\/w\/it'\\''s';.*unset wp_g wp_h;/u);
    expect(whole).toMatch(/;cd \.\/a\|\|exit 126;x$/u);
  });
});
