import { describe, expect, it } from '@jest/globals';
import { createPullProgress } from '../../../../src/backends/docker/pull-progress.js';

const line = (id: string, status: string, current?: number, total?: number): string =>
  JSON.stringify({ id, status, progressDetail: current === undefined ? {} : { current, total } });

describe('createPullProgress', () => {
  it('adds up the layers', () => {
    const progress = createPullProgress();
    progress.take(line('a', 'Pulling fs layer'));
    progress.take(line('a', 'Downloading', 5_000_000, 20_000_000));
    progress.take(line('b', 'Downloading', 7_000_000, 28_000_000));
    expect(progress.text()).toBe('12 of 48 MB');
  });

  it('counts a layer as whole once it has gone on to something else', () => {
    const progress = createPullProgress();
    progress.take(line('a', 'Downloading', 5_000_000, 20_000_000));
    progress.take(line('b', 'Downloading', 1_000_000, 10_000_000));
    progress.take(line('a', 'Extracting', 1, 20_000_000));
    expect(progress.text()).toBe('21 of 30 MB');
    progress.take(line('b', 'Download complete'));
    expect(progress.text()).toBe('unpacking');
  });

  it("passes on the engine's words while nothing is downloaded, and its error", () => {
    const progress = createPullProgress();
    progress.take('no JSON');
    progress.take(JSON.stringify({ status: 'Pulling from library/busybox', id: '1' }));
    expect(progress.text()).toBe('Pulling from library/busybox');
    expect(progress.error()).toBeUndefined();
    progress.take(JSON.stringify({ error: 'no space left', errorDetail: {} }));
    expect(progress.error()).toBe('no space left');
  });
});
