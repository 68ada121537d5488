import * as E from 'fp-ts/lib/Either.js';
import type { CommandResult, CommandSpec, ExecError } from '../../src/exec/command.js';
import { createSandboxExec } from '../../src/exec/create-sandbox-exec.js';
import type { SandboxExec, WarmFailed } from '../../src/exec/sandbox-exec.js';
import type { SandboxBackend } from '../../src/ports/sandbox-backend.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { silentLogger } from './silent-logger.js';

/** A sandbox that runs. */
export interface ExecWorld {
  readonly backend: Pick<SandboxBackend, 'openExec'>;
  readonly uid: string;
  readonly workingDirectory: string;
  /** Removes the sandbox; the backend then calls it gone. */
  readonly destroy: () => Promise<void>;
  /** Cleans up, whether the sandbox is there or not. */
  readonly close: () => Promise<void>;
}

export interface RunOptions extends Partial<Omit<CommandSpec, 'command' | 'threadDirectory'>> {
  readonly signal?: AbortSignal;
  readonly onOutput?: () => void | Promise<void>;
}

export interface Ran extends CommandResult {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Commands of one thread in one sandbox, with their output collected. */
export interface ExecHarness {
  readonly exec: SandboxExec;
  readonly threadDirectory: string;
  readonly warm: (residentShells?: number) => Promise<E.Either<WarmFailed, void>>;
  readonly attempt: (
    command: CommandSpec['command'],
    options?: RunOptions,
  ) => Promise<E.Either<ExecError, Ran>>;
  /** Throws where `attempt` gives an error. */
  readonly run: (command: CommandSpec['command'], options?: RunOptions) => Promise<Ran>;
}

/** Generous: how long a command takes on a busy machine is not what these tests are about. */
const TIMEOUT_MS = 30_000;

export const execHarness = (world: ExecWorld): ExecHarness => {
  const exec = createSandboxExec({
    backend: world.backend,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  });
  const threadDirectory = `${world.workingDirectory}/thread-1`;

  const attempt: ExecHarness['attempt'] = async (command, options = {}) => {
    const { signal = new AbortController().signal, onOutput, ...spec } = options;
    const output: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    const ran = await exec.run(
      world.uid,
      { timeoutMs: TIMEOUT_MS, maxOutputBytes: 100_000_000, ...spec, command, threadDirectory },
      (name, bytes) => {
        output[name].push(bytes);
        return onOutput?.();
      },
      signal,
    )();
    return E.isLeft(ran)
      ? ran
      : E.right({
          ...ran.right,
          stdout: Buffer.concat(output.stdout),
          stderr: Buffer.concat(output.stderr),
        });
  };

  return {
    exec,
    threadDirectory,
    warm: (residentShells = 2) =>
      exec.warm(world.uid, { residentShells, workingDirectory: world.workingDirectory })(),
    attempt,
    run: async (command, options) => {
      const ran = await attempt(command, options);
      if (E.isRight(ran)) return ran.right;
      throw new Error(`${ran.left.type}: ${ran.left.message}`);
    },
  };
};
