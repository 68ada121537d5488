import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import type { OutputSink } from '../../../src/exec/command.js';
import { runEngineCommand } from '../../../src/exec/engine-command.js';
import type { KillSignal, Sighting } from '../../../src/exec/kill-command.js';
import type { ExecEnd, ExecOpenError, ExecStream } from '../../../src/ports/sandbox-backend.js';
import { deferred } from '../../support/deferred.js';
import { manualClock, settle } from '../../support/manual-clock.js';

const begin = (
  options: {
    readonly stdin?: Uint8Array;
    readonly sighting?: Sighting;
    readonly openError?: ExecOpenError;
    readonly sink?: OutputSink;
  } = {},
) => {
  const clock = manualClock();
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const ended = deferred<ExecEnd>();
  const log: string[] = [];
  const stream: ExecStream = {
    stdin,
    stdout,
    stderr,
    ended: ended.promise,
    close: () => void log.push('closed'),
  };
  const output = { stdout: '', stderr: '' };
  const cancel = new AbortController();
  const ran = runEngineCommand(
    {
      uid: 'uid-1',
      backend: {
        openExec: () => async () =>
          options.openError === undefined ? E.right(stream) : E.left(options.openError),
      },
      clock,
      send: async (signal: KillSignal) => {
        log.push(signal);
        return options.sighting ?? 'Nothing';
      },
    },
    { argv: ['anything'], stdin: options.stdin !== undefined },
    {
      timeoutMs: 1000,
      maxOutputBytes: 8,
      ...(options.stdin !== undefined && { stdin: options.stdin }),
    },
    {
      sink: options.sink ?? ((name, bytes) => void (output[name] += bytes.toString())),
      signal: cancel.signal,
    },
  );
  const end = (how: ExecEnd): void => {
    stdout.end();
    stderr.end();
    ended.resolve(how);
  };
  return { clock, stdin, stdout, stderr, ended, end, log, output, cancel, ran };
};

describe('runEngineCommand', () => {
  it('passes output on, capped, and answers the exit status', async () => {
    const { stdout, stderr, end, output, ran } = begin();
    stdout.write('0123456789');
    stderr.write('err');
    end({ type: 'Exited', exitCode: 137 });
    expect(await ran).toMatchObject({
      right: {
        exitCode: 137,
        signal: 'SIGKILL',
        via: 'engine',
        truncated: { stdout: true, stderr: false },
      },
    });
    expect(output).toEqual({ stdout: '01234567', stderr: 'err' });
  });

  it('feeds stdin and ends it', async () => {
    const { stdin, end, ran } = begin({ stdin: Buffer.from('input') });
    await settle();
    expect(stdin.read()?.toString()).toBe('input');
    expect(stdin.writableEnded).toBe(true);
    end({ type: 'Exited', exitCode: 0 });
    expect(await ran).toMatchObject({ right: { exitCode: 0 } });
  });

  it('never takes a lost stream for a success', async () => {
    const { end, ran } = begin();
    end({ type: 'Lost', message: 'the engine went away' });
    expect(await ran).toEqual(E.left({ type: 'ShellLost', message: 'the engine went away' }));
  });

  it('waits for a reader that is behind', async () => {
    const reader = deferred<void>();
    const { stdout, end, ran } = begin({ sink: () => reader.promise });
    stdout.write('x');
    await settle();
    expect(stdout.isPaused()).toBe(true);
    reader.resolve(undefined);
    end({ type: 'Exited', exitCode: 0 });
    expect(await ran).toMatchObject({ right: { exitCode: 0 } });
  });

  it('says so when the sandbox is gone, or the engine away', async () => {
    const gone = { type: 'SandboxGone', message: 'gone', uid: 'uid-1' } as const;
    expect(await begin({ openError: gone }).ran).toEqual(E.left(gone));
    const away = { type: 'BackendUnavailable', message: 'no engine' } as const;
    expect(await begin({ openError: away }).ran).toMatchObject({
      left: { type: 'ExecUnavailable', message: 'no engine' },
    });
  });

  it('kills a command whose time is over', async () => {
    const { clock, log, end, ran } = begin();
    await clock.advance(1000);
    end({ type: 'Exited', exitCode: 143 });
    expect(await ran).toMatchObject({ right: { exitCode: 124, timedOut: true } });
    expect(log).toEqual(['TERM', 'closed']);
  });

  it('kills once more what was only about to start', async () => {
    const { clock, log, ran } = begin();
    await clock.advance(5000);
    expect(await ran).toMatchObject({ right: { timedOut: true } });
    expect(log).toEqual(['TERM', 'TERM', 'closed']);
  });

  it('calls the command unkillable when nobody can kill it', async () => {
    const { clock, cancel, ran } = begin({ sighting: 'Unknown' });
    await settle();
    cancel.abort();
    await clock.advance(60_000);
    expect(await ran).toMatchObject({ left: { type: 'Unkillable', uid: 'uid-1' } });
  });
});
