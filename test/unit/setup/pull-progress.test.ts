import { describe, expect, it } from '@jest/globals';
import { createPullProgress } from '../../../src/setup/pull-progress.js';

const downloading = (id: string, current: number, total: number) => ({
  id,
  status: 'Downloading',
  progressDetail: { current, total },
});

describe('createPullProgress', () => {
  it('adds the layers up', () => {
    const lines: string[] = [];
    const report = createPullProgress('python:3', (line) => void lines.push(line));
    report(downloading('a', 10_000_000, 40_000_000));
    report(downloading('b', 50_000_000, 60_000_000));
    expect(lines.at(-1)).toBe('pulling python:3: 60 of 100 MB');
  });

  it('stays short, however many reports come', () => {
    const lines: string[] = [];
    const report = createPullProgress('python:3', (line) => void lines.push(line));
    for (let done = 0; done <= 10_000; done += 1) report(downloading('a', done, 10_000));
    expect(lines.length).toBeLessThanOrEqual(10);
  });

  it('passes over reports without figures', () => {
    const lines: string[] = [];
    const report = createPullProgress('python:3', (line) => void lines.push(line));
    report({ status: 'Pulling from library/python' });
    report({ id: 'a', status: 'Downloading' });
    report(downloading('a', 0, 0));
    expect(lines).toEqual([]);
  });
});
