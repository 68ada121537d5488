import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { readConfig } from '../../src/config.js';

const problem = (environment: Record<string, string>): string => {
  const read = readConfig(environment);
  return E.isLeft(read) ? read.left.message : 'no problem';
};

describe('config', () => {
  it('has a default for everything', () => {
    expect(readConfig({ HOME: '/root' })).toMatchObject(
      E.right({
        url: 'http://127.0.0.1:7070',
        namespace: 'default',
        listen: '127.0.0.1:7070',
        logLevel: 'info',
        colours: true,
        docker: {},
        setup: {},
      }),
    );
  });

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ WARMPOOL_URL: '', NO_COLOR: '' })).toMatchObject(
      E.right({ url: 'http://127.0.0.1:7070', colours: true }),
    );
  });

  it('reads the token from a file, without the line end', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'warmpool-')), 'token');
    writeFileSync(file, 'secret\n');
    expect(readConfig({ WARMPOOL_TOKEN_FILE: file })).toMatchObject(E.right({ token: 'secret' }));
  });

  it('names the variable that it cannot use', () => {
    expect(problem({ WARMPOOL_TOKEN_FILE: '/nowhere/token' })).toContain('WARMPOOL_TOKEN_FILE');
    expect(problem({ WARMPOOL_LOG_LEVEL: 'loud' })).toContain('WARMPOOL_LOG_LEVEL');
    expect(problem({ WARMPOOL_LOG_FORMAT: 'xml' })).toContain('WARMPOOL_LOG_FORMAT');
  });

  it('keeps state where the desktop specification says, unless told otherwise', () => {
    expect(readConfig({ XDG_STATE_HOME: '/x' })).toMatchObject(
      E.right({ stateDirectory: '/x/warmpool' }),
    );
    expect(readConfig({ XDG_STATE_HOME: '/x', WARMPOOL_STATE: '/y' })).toMatchObject(
      E.right({ stateDirectory: '/y' }),
    );
  });
});
