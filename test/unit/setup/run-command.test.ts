import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { mustRun, runCommand } from '../../../src/setup/run-command.js';

describe('runCommand', () => {
  it('gives the exit code and the lines of both streams', async () => {
    const seen: string[] = [];
    const ran = await runCommand(['sh', '-c', 'echo one; echo two >&2; exit 3'], {
      onLine: (line) => void seen.push(line),
    })();
    expect(ran).toMatchObject(E.right({ exitCode: 3 }));
    expect(seen.toSorted()).toEqual(['one', 'two']);
  });

  it('fails when there is no such program', async () => {
    expect(await runCommand(['no-such-program-here'])()).toMatchObject(
      E.left({ message: expect.stringContaining('no-such-program-here cannot be run') }),
    );
  });
});

describe('mustRun', () => {
  it('shows the end of what a failed program printed', async () => {
    expect(await mustRun(['sh', '-c', 'echo no space left >&2; exit 100'])()).toMatchObject(
      E.left({ message: expect.stringMatching(/status 100:\n {2}no space left$/) }),
    );
  });
});
