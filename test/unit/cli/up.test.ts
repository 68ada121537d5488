import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { addUpCommand, type UpDeps } from '../../../src/cli/up.js';
import { cliRun } from '../../support/cli-run.js';

/** Runs `warmpool up` with a start that fails so. */
const up = async (words: readonly string[], token?: string) => {
  let stderr = '';
  let starts = 0;
  const deps: UpDeps = {
    start: async () => {
      starts += 1;
      return E.left({ type: 'EndpointProblem', message: 'no engine address' });
    },
    stopRequested: () => new Promise<string>(() => undefined),
    stderr: (text) => {
      stderr += text;
    },
    defaults: {
      stateDirectory: '/nowhere',
      listen: '127.0.0.1:0',
      logLevel: 'info',
      ...(token === undefined ? {} : { token }),
    },
  };
  const { status } = await cliRun(['up', ...words], {
    makeUp: (program, done) => addUpCommand(program, deps, done),
  });
  return { status, stderr, starts };
};

describe('warmpool up', () => {
  it.each([
    [[], /needs at least one manifest: -f/],
    [['-f', ''], /^warmpool: -f: must name/],
    [['-f', 'pool.yaml', '--state', ''], /^warmpool: --state: must name/],
    [['-f', 'pool.yaml', '--listen', 'nope'], /^warmpool: --listen: .*HOST:PORT/],
    [['-f', 'pool.yaml', '--listen', '0.0.0.0:0'], /^warmpool: --listen .*WARMPOOL_TOKEN/],
    [['-f', 'pool.yaml', '--grace', 'long'], /^warmpool: --grace: must be/],
    [['-f', 'pool.yaml', '--log-level', 'loud'], /^warmpool: --log-level: must be/],
  ])(
    '%j is a mistake in the command line: status 2, and nothing starts',
    async (words, message) => {
      const { status, stderr, starts } = await up(words);
      expect([status, starts]).toEqual([2, 0]);
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    },
  );

  it('says in one line why it cannot start: status 1', async () => {
    expect(await up(['-f', 'pool.yaml'])).toEqual({
      status: 1,
      stderr: 'warmpool: no engine address\n',
      starts: 1,
    });
  });

  it('listens beyond this machine with a token', async () => {
    expect(await up(['-f', 'pool.yaml', '--listen', '0.0.0.0:0'], 'secret')).toMatchObject({
      starts: 1,
    });
  });
});
