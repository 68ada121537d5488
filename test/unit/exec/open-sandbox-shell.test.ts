import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { OpenFailure } from '../../../src/exec/open-failure.js';
import { openSandboxShell } from '../../../src/exec/open-sandbox-shell.js';
import { createShellSet } from '../../../src/exec/shell-set.js';
import type { ExecEnd, ExecOpenError } from '../../../src/ports/sandbox-backend.js';
import { fakeOpener } from '../../support/fake-shell.js';
import { manualClock, settle } from '../../support/manual-clock.js';
import { memoryExec } from '../../support/memory-exec.js';

const random = { fraction: () => 0, token: () => 'n' };

const openEndedBy = (end: ExecEnd) => {
  const exec = memoryExec();
  const backend = { openExec: () => TE.right(exec.stream) };
  exec.end(end);
  return openSandboxShell({ backend, clock: manualClock(), random, opener: 'operator' }, 'u')();
};

const openRefusedBy = (error: ExecOpenError) => {
  const backend = { openExec: () => TE.left(error) };
  return openSandboxShell({ backend, clock: manualClock(), random, opener: 'operator' }, 'u')();
};

/** Why a command waits in vain for a shell in a sandbox that had shells before. */
const waitInVain = async (failure?: OpenFailure) => {
  const clock = manualClock();
  const opener = fakeOpener();
  const shells = createShellSet({ open: opener.open, clock });
  const first = await shells.take();
  if (failure !== undefined) opener.failWith(failure);
  if (E.isRight(first) && failure !== undefined) shells.retire(first.right);
  const taken = Array.from({ length: failure === undefined ? 16 : 1 }, () => shells.take());
  await settle();
  await clock.advance(10_000);
  return taken.at(-1);
};

describe('whose fault it is that no shell opens', () => {
  it('is the sandbox’s where its shell is killed, or finds what every command needs broken', async () => {
    for (const exitCode of [125, 137]) {
      expect(await openEndedBy({ type: 'Exited', exitCode })).toMatchObject({
        left: { type: 'ExecUnavailable', fault: 'Sandbox' },
      });
    }
  });

  it('is the sandbox’s where a shell ends that used to live', async () => {
    expect(await waitInVain({ type: 'NoShell', message: 'sh ended with status 2' })).toEqual(
      E.left({ type: 'ExecUnavailable', message: 'sh ended with status 2', fault: 'Sandbox' }),
    );
  });

  it('is not known where the engine refuses, cannot be reached, or loses the stream', async () => {
    const failures = [
      await openRefusedBy({ type: 'BackendUnavailable', message: 'no engine' }),
      await openRefusedBy({ type: 'BackendRefused', message: 'is paused' }),
      await openEndedBy({ type: 'Lost', message: 'the engine went away' }),
    ];
    for (const failure of failures) {
      expect(failure).toMatchObject({ left: { type: 'ExecUnavailable' } });
      expect(failure).not.toHaveProperty('left.fault');
    }
  });

  it('is not known where all shells are busy', async () => {
    const waited = await waitInVain();
    expect(waited).toMatchObject({ left: { type: 'ExecUnavailable' } });
    expect(waited).not.toHaveProperty('left.fault');
  });
});
