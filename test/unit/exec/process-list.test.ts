import { describe, expect, it } from '@jest/globals';
import { ownProcesses, parseProcessList, strangers } from '../../../src/exec/process-list.js';

/** A line of the list: pid, state, parent, start. */
const line = (pid: number, state: string, parent: number, start: number): string =>
  `${pid} ${state} ${parent} ${`${pid} `.repeat(2)}0 -1 ${'0 '.repeat(13)}${start} 4096 1`;

const listOf = (head: string, ...lines: readonly string[]) => {
  const list = parseProcessList(`${[head, ...lines].join('\n')}\n`);
  if (list === undefined) throw new Error('not understood');
  return list;
};

describe('parseProcessList', () => {
  it('reads who looks, what PID 1 is and every process', () => {
    expect(listOf('30 docker-init', line(1, 'S', 0, 100), line(30, 'R', 0, 900))).toEqual({
      self: 30,
      first: 'docker-init',
      processes: [
        { pid: 1, parent: 0, startedAt: 100, dead: false },
        { pid: 30, parent: 0, startedAt: 900, dead: false },
      ],
    });
  });

  it('reads what a real kernel says', () => {
    const real =
      '7 S 1 7 7 0 -1 4194560 103 0 0 0 0 0 0 0 20 0 1 0 8911735 1331200 0 18446744073709551615';
    expect(listOf('7 sh', real).processes).toEqual([
      { pid: 7, parent: 1, startedAt: 8_911_735, dead: false },
    ]);
  });

  it('understands nothing at all when one line makes no sense', () => {
    expect(parseProcessList(`7 sh\n${line(1, 'S', 0, 1)}\n9 evil\n`)).toBeUndefined();
    expect(parseProcessList('')).toBeUndefined();
  });
});

describe('ownProcesses', () => {
  it('are PID 1, the command behind an init of the engine, and what that command started', () => {
    const list = listOf(
      '50 docker-init',
      line(1, 'S', 0, 100),
      line(8, 'S', 7, 102),
      line(7, 'S', 1, 101),
      line(40, 'S', 1, 500),
      line(41, 'S', 40, 500),
      line(50, 'R', 0, 900),
    );
    expect([...ownProcesses(list)].toSorted((a, b) => a - b)).toEqual([1, 7, 8]);
    expect(strangers(list)).toEqual([40, 41]);
  });

  it('are only PID 1 when that is the command itself: its children may be orphans of a thread', () => {
    const list = listOf('50 python3', line(1, 'S', 0, 100), line(7, 'S', 1, 101));
    expect([...ownProcesses(list)]).toEqual([1]);
    expect(strangers(list)).toEqual([7]);
  });

  it('take the first child by its start, not by a number that comes around again', () => {
    const list = listOf('9 tini', line(1, 'S', 0, 1), line(3, 'S', 1, 900), line(700, 'S', 1, 2));
    expect(strangers(list)).toEqual([3]);
  });
});

describe('strangers', () => {
  it('are neither the dead nor the shell that looks', () => {
    const list = listOf(
      '50 sh',
      line(1, 'S', 0, 1),
      line(5, 'Z', 1, 2),
      line(6, 'X', 1, 2),
      line(50, 'R', 0, 9),
    );
    expect(strangers(list)).toEqual([]);
  });

  it('are other shells, too', () => {
    const list = listOf('50 sh', line(1, 'S', 0, 1), line(50, 'R', 0, 9), line(51, 'S', 0, 9));
    expect(strangers(list)).toEqual([51]);
  });
});
