import { describe, expect, it } from '@jest/globals';
import * as O from 'fp-ts/lib/Option.js';
import { ownershipLabels } from '../../../../src/backends/docker/container-labels.js';
import { fromDetails, fromSummary } from '../../../../src/backends/docker/from-container.js';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const view = { installation: 'mine', now: NOW };
const owned = {
  name: 'wp-1',
  pool: { namespace: 'default', name: 'python' },
  templateHash: 'abc',
};
const Labels = ownershipLabels('mine', owned);

const summary = (State: string, secondsAgo = 0) =>
  fromSummary({ Id: 'id', Labels, Created: NOW / 1000 - secondsAgo, State }, view);

const ended = (State: { ExitCode: number; OOMKilled?: boolean; Error?: string }) =>
  fromDetails(
    {
      Id: 'id',
      Created: '2026-01-01T00:09:59.123456789Z',
      Config: { Labels },
      State: { Status: 'exited', ...State },
    },
    view,
  );

describe('fromSummary', () => {
  it('takes everything from the labels', () => {
    expect(summary('running')).toEqual(
      O.some({ ...owned, uid: 'id', createdAt: NOW, state: 'Running' }),
    );
  });

  it.each([
    ['created', 'Starting'],
    ['running', 'Running'],
    ['paused', 'Running'],
    ['exited', 'Stopped'],
    ['dead', 'Stopped'],
    ['removing', 'Stopped'],
    ['something new', 'Stopped'],
  ])('calls a container that is %s %s', (status, state) => {
    expect(summary(status)).toMatchObject({ value: { state } });
  });

  it('calls a container that was made long ago and never started stopped', () => {
    expect(summary('created', 299)).toMatchObject({ value: { state: 'Starting' } });
    expect(summary('created', 301)).toMatchObject({
      value: { state: 'Stopped', reason: 'was made but never started' },
    });
  });

  it("knows no container of another installation, and none whose labels aren't whole", () => {
    const row = { Id: 'id', Created: 1, State: 'running' };
    expect(fromSummary({ ...row, Labels }, { ...view, installation: 'other' })).toEqual(O.none);
    expect(fromSummary({ ...row, Labels: null }, view)).toEqual(O.none);
    const { 'warmpool.dev/pool': _, ...rest } = Labels as Record<string, string>;
    expect(fromSummary({ ...row, Labels: rest }, view)).toEqual(O.none);
  });
});

describe('fromDetails', () => {
  it('says how a container ended', () => {
    expect(ended({ ExitCode: 3 })).toMatchObject({
      value: { state: 'Stopped', reason: 'exited with status 3' },
    });
    expect(ended({ ExitCode: 137, OOMKilled: true })).toMatchObject({
      value: { reason: 'exited with status 137 (out of memory)' },
    });
    expect(ended({ ExitCode: 128, Error: 'no runc' })).toMatchObject({
      value: { reason: 'exited with status 128: no runc' },
    });
  });

  it('agrees with the list on the time of creation', () => {
    expect(ended({ ExitCode: 0 })).toMatchObject({
      value: { createdAt: Date.parse('2026-01-01T00:09:59Z') },
    });
  });
});
