import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ExecOpenError } from '../../src/ports/sandbox-backend.js';
import type { ExecWorld } from '../support/exec-harness.js';
import { createLocalSandbox } from '../support/local-exec.js';
import { execContract } from './exec.contract.js';

/** A process namespace of this machine as a sandbox, with the given program as its `sh`. */
const localWorld = (shell: string) => async (): Promise<ExecWorld> => {
  const sandbox = await createLocalSandbox(shell);
  let gone = false;
  const destroy = async (): Promise<void> => {
    if (gone) return;
    gone = true;
    await sandbox.close();
  };
  const uid = 'local';
  const lost: ExecOpenError = { type: 'SandboxGone', message: 'it was removed', uid };
  return {
    backend: {
      openExec:
        (_uid, { argv }) =>
        async () =>
          gone ? TE.left(lost)() : sandbox.openExec(argv)(),
    },
    uid,
    workingDirectory: `${sandbox.directory}/workspace`,
    destroy,
    close: destroy,
  };
};

execContract('processes of this machine, dash', localWorld('/bin/dash'));
execContract('processes of this machine, bash', localWorld('/bin/bash'));
execContract('processes of this machine, busybox', localWorld('/bin/busybox'));
