import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExecStream, SandboxBackend } from '../../src/ports/sandbox-backend.js';
import {
  aRequest,
  type BackendCapabilities,
  type BackendHarness,
  failure,
  run,
  sh,
  succeed,
} from './sandbox-backend.harness.js';

/** Reads nothing but the end: what a stream still brings is thrown away. */
const drain = (stream: ExecStream): void => {
  stream.stdout.resume();
  stream.stderr.resume();
};

/** The clauses about commands in sandboxes; they share one sandbox unless they end it. */
export const execClauses = (
  harnessOf: () => BackendHarness,
  capabilities: BackendCapabilities,
): void => {
  describe('exec', () => {
    let backend: SandboxBackend;
    let uid: string;

    const make = async () => (await succeed(backend.create(aRequest(harnessOf().template)))).uid;

    beforeAll(async () => {
      backend = harnessOf().backend;
      uid = await make();
    });
    afterAll(() => succeed(backend.destroy(uid)));

    it('keeps stdout and stderr apart and tells the exit code', async () => {
      const outcome = await run(backend, uid, sh('printf out; printf err >&2; exit 7'));
      expect(outcome).toEqual({
        stdout: 'out',
        stderr: 'err',
        end: { type: 'Exited', exitCode: 7 },
      });
    });

    it('tells success by exit code 0 alone', async () => {
      expect((await run(backend, uid, { argv: ['true'] })).end).toEqual({
        type: 'Exited',
        exitCode: 0,
      });
    });

    it('tells a killed process by 128 plus the signal', async () => {
      const { end } = await run(backend, uid, sh('kill -KILL $$'));
      expect(end).toEqual({ type: 'Exited', exitCode: 137 });
    });

    it('brings bytes as they are, in both directions', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 * 64 }, (_, index) => index % 256));
      const stream = await succeed(backend.openExec(uid, { argv: ['cat'], stdin: true }));
      stream.stderr.resume();
      stream.stdin.end(bytes);
      const chunks: Buffer[] = [];
      for await (const chunk of stream.stdout) chunks.push(Buffer.from(chunk));
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
      expect(await stream.ended).toEqual({ type: 'Exited', exitCode: 0 });
    });

    it('lets a command answer while its stdin is open, and ends it by closing stdin', async () => {
      const script = 'while read line; do echo "got $line"; done; echo over';
      const stream = await succeed(backend.openExec(uid, { ...sh(script), stdin: true }));
      stream.stderr.resume();
      stream.stdin.write('one\n');
      const [first] = await once(stream.stdout, 'data');
      expect(String(first)).toBe('got one\n');
      const rest: string[] = [];
      stream.stdout.on('data', (chunk) => rest.push(String(chunk)));
      stream.stdin.end('two\n');
      expect(await stream.ended).toEqual({ type: 'Exited', exitCode: 0 });
      expect(rest.join('')).toBe('got two\nover\n');
    });

    it('gives a command without stdin an empty one', async () => {
      expect((await run(backend, uid, sh('wc -c'))).stdout.trim()).toBe('0');
    });

    it('sets the environment and the working directory', async () => {
      const outcome = await run(backend, uid, {
        ...sh('pwd; printf %s "$GREETING"'),
        cwd: '/tmp',
        env: { GREETING: 'hello  "world" $HOME' },
      });
      expect(outcome.stdout).toBe('/tmp\nhello  "world" $HOME');
    });

    it('brings a megabyte of output whole', async () => {
      const { stdout, end } = await run(backend, uid, sh('yes 0123456789abcde | head -c 1048576'));
      expect(stdout).toHaveLength(1_048_576);
      expect(stdout).toBe('0123456789abcde\n'.repeat(65_536));
      expect(end).toEqual({ type: 'Exited', exitCode: 0 });
    });

    it('ends although a background process keeps the output open', async () => {
      const stream = await succeed(
        backend.openExec(uid, { ...sh('sleep 300 & echo done; exit 3'), stdin: false }),
      );
      drain(stream);
      expect(await stream.ended).toEqual({ type: 'Exited', exitCode: 3 });
    });

    it('runs many commands at a time, each with its own output', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          run(backend, uid, sh(`echo ${index}; exit ${index}`)),
        ),
      );
      outcomes.forEach((outcome, index) => {
        expect(outcome.stdout).toBe(`${index}\n`);
        expect(outcome.end).toEqual({ type: 'Exited', exitCode: index });
      });
    });

    it('ends a stream that is closed, twice too, and never as a success', async () => {
      const stream = await succeed(backend.openExec(uid, { argv: ['cat'], stdin: true }));
      drain(stream);
      stream.close();
      stream.close();
      expect((await stream.ended).type).toBe('Lost');
    });

    it('ends a stream that is closed although nobody reads it', async () => {
      const stream = await succeed(
        backend.openExec(uid, { ...sh('yes | head -c 10000000'), stdin: false }),
      );
      stream.close();
      drain(stream);
      expect((await stream.ended).type).toBe('Lost');
    });

    it('takes writes to a process that no longer reads', async () => {
      const stream = await succeed(backend.openExec(uid, { argv: ['true'], stdin: true }));
      drain(stream);
      await stream.ended;
      stream.stdin.write('too late');
      stream.stdin.end();
    });

    it('says that an unknown sandbox is gone', async () => {
      const { unknownUid } = harnessOf();
      const error = await failure(backend.openExec(unknownUid, { argv: ['true'], stdin: false }));
      expect(error).toMatchObject({ type: 'SandboxGone', uid: unknownUid });
    });

    it('says that a stopped sandbox is gone', async () => {
      const stopped = await make();
      await harnessOf().kill(stopped);
      const error = await failure(backend.openExec(stopped, { argv: ['true'], stdin: false }));
      expect(error).toMatchObject({ type: 'SandboxGone', uid: stopped });
    });

    it('ends a stream whose sandbox is destroyed, and never as a success', async () => {
      const doomed = await make();
      const stream = await succeed(
        backend.openExec(doomed, { ...sh('echo ready; sleep 300'), stdin: true }),
      );
      stream.stderr.resume();
      await once(stream.stdout, 'data');
      stream.stdout.resume();
      await succeed(backend.destroy(doomed));
      expect(await stream.ended).not.toEqual({ type: 'Exited', exitCode: 0 });
      const error = await failure(backend.openExec(doomed, { argv: ['true'], stdin: false }));
      expect(error.type).toBe('SandboxGone');
    });

    (capabilities.users ? it : it.skip)('runs as another user', async () => {
      const { stdout } = await run(backend, uid, { ...sh('id -u; id -g'), user: '1234:2345' });
      expect(stdout).toBe('1234\n2345\n');
    });

    (capabilities.terminals ? it : it.skip)('gives a terminal of the wanted size', async () => {
      const outcome = await run(backend, uid, {
        ...sh('[ -t 0 ] && [ -t 1 ] && sleep 0.2 && stty size; echo err >&2'),
        tty: { columns: 97, rows: 31 },
        stdin: true,
      });
      expect(outcome.stdout).toBe('31 97\r\nerr\r\n');
      expect(outcome.stderr).toBe('');
    });
  });
};
