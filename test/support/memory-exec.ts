import { PassThrough, Writable } from 'node:stream';
import type { ExecEnd, ExecStream } from '../../src/ports/sandbox-backend.js';
import { deferred } from './deferred.js';

/** An exec without a process: the test speaks for it. */
export interface MemoryExec {
  readonly stream: ExecStream;
  /** What was written to stdin so far. */
  readonly written: () => string;
  readonly stdinEnded: () => boolean;
  readonly closed: () => boolean;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  readonly end: (end: ExecEnd) => void;
}

export const memoryExec = (): MemoryExec => {
  let text = '';
  let closed = false;
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const ended = deferred<ExecEnd>();
  const close = (): void => {
    closed = true;
    ended.resolve({ type: 'Lost', message: 'the stream was closed' });
  };
  return {
    stream: { stdin, stdout, stderr, ended: ended.promise, close },
    written: () => text,
    stdinEnded: () => stdin.writableEnded,
    closed: () => closed,
    stdout,
    stderr,
    end: ended.resolve,
  };
};
