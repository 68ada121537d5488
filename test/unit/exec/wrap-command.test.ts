import { describe, expect, it } from '@jest/globals';
import { MARKER_VARIABLE, wrapCommand } from '../../../src/exec/wrap-command.js';

const wrap = (command: string | readonly string[], more = {}): string =>
  wrapCommand({ command, threadDirectory: '/w/t', ...more }, 'mark');

describe('wrapCommand', () => {
  it('execs an argument vector, which saves a fork, and evals text', () => {
    expect(wrap(['ls', '-l', 'a b'])).toMatch(/;exec ls -l 'a b'$/);
    expect(wrap('ls | wc')).toMatch(/;eval 'ls \| wc'$/);
  });

  it('does not let exec take a name for an option', () => {
    expect(wrap(['-x', 'y'])).toMatch(/;-x y$/);
  });

  it('exports the marker last, whatever the caller says', () => {
    expect(wrap('x', { env: { [MARKER_VARIABLE]: 'mine', A: '1' } })).toContain(
      `;export ${MARKER_VARIABLE}=mine A=1 ${MARKER_VARIABLE}=mark;`,
    );
  });

  it('leaves names that shells keep for themselves to env', () => {
    expect(wrap(['x'], { env: { IFS: 'a', A: '1' } })).toMatch(/A=1 .*;exec env IFS=a x$/);
    expect(wrap('x', { env: { PPID: '1' } })).toMatch(/;exec env PPID=1 sh -c x$/);
  });

  it('gives text that breaks out of loops a shell of its own', () => {
    expect(wrap('for i in 1; do break; done')).toMatch(/;exec sh -c 'for i in 1; do break; done'$/);
    expect(wrap('echo breakfast')).toMatch(/;eval 'echo breakfast'$/);
  });

  it('enters the thread directory first, then the one asked for', () => {
    const script = wrap('x', { cwd: 'a/b' });
    expect(script.indexOf('wp_d=/w/t;')).toBe(0);
    expect(script.indexOf(';cd ./a/b||exit 126;')).toBeGreaterThan(0);
    expect(wrap('x', { cwd: '/abs' })).toContain(';cd /abs||exit 126;');
  });

  it('stays on one line and short, as shells read byte by byte', () => {
    const script = wrap(['true']);
    expect(script).not.toContain('\n');
    expect(script.length).toBeLessThan(220);
  });
});
