import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { demux } from '../../../../src/backends/docker/demux.js';
import { settle } from '../../../support/manual-clock.js';

const frame = (source: number, content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(8);
  header.writeUInt8(source, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

describe('demux', () => {
  it('ends both outputs before it says that the stream ended', async () => {
    const source = new PassThrough();
    const { stdout, stderr, ended } = demux(source, { tty: false });
    source.end(Buffer.concat([frame(1, 'out'), frame(2, 'err')]));
    expect(await ended).toEqual({ type: 'Finished' });
    expect(await text(stdout)).toBe('out');
    expect(await text(stderr)).toBe('err');
  });

  it('stops reading while nobody takes the output, and goes on when somebody does', async () => {
    const source = new PassThrough({ highWaterMark: 1024 });
    const { stdout, stderr } = demux(source, { tty: false });
    stderr.resume();
    const block = frame(1, Buffer.alloc(64 * 1024, 'x'));
    let written = 0;
    while (source.write(block)) written += 1;
    await settle();
    for (let more = 0; more < 50; more += 1) source.write(block);
    await settle();
    // one block fills stdout; the other fifty wait in the source
    expect(stdout.readableLength).toBeLessThan(4 * block.length);
    expect(source.readableLength + source.writableLength).toBeGreaterThan(40 * block.length);
    let read = 0;
    stdout.on('data', (chunk: Buffer) => {
      read += chunk.length;
    });
    source.end();
    await once(stdout, 'end');
    expect(read).toBe((written + 51) * 64 * 1024);
  });

  it('does not let an output that was thrown away hold up the other', async () => {
    const source = new PassThrough();
    const { stdout, stderr, ended } = demux(source, { tty: false });
    source.write(frame(2, Buffer.alloc(100_000)));
    await settle();
    stderr.destroy();
    const out = text(stdout);
    source.end(Buffer.concat([frame(2, Buffer.alloc(100_000)), frame(1, 'out')]));
    expect(await out).toBe('out');
    expect(await ended).toEqual({ type: 'Finished' });
  });

  it('brings a terminal unchanged, on stdout', async () => {
    const source = new PassThrough();
    const { stdout, stderr } = demux(source, { tty: true });
    source.end('\x01\x00\x00raw');
    expect(await text(stdout)).toBe('\x01\x00\x00raw');
    expect(await text(stderr)).toBe('');
  });

  it('tells a stream that breaks from one that ends', async () => {
    const source = new PassThrough();
    const { stdout, ended } = demux(source, { tty: false });
    source.write(frame(1, 'half'));
    await settle();
    source.destroy(new Error('connection reset'));
    expect(await ended).toEqual({ type: 'Broken', message: 'connection reset' });
    expect(await text(stdout)).toBe('half');
  });

  it('tells a connection that is closed without an end', async () => {
    const source = new PassThrough();
    const { ended } = demux(source, { tty: false });
    source.destroy();
    expect((await ended).type).toBe('Broken');
  });

  it('breaks off what is no exec stream', async () => {
    const source = new PassThrough();
    const { ended } = demux(source, { tty: false });
    source.write('HTTP/1.1 500 Internal Server Error\r\n');
    expect((await ended).type).toBe('Broken');
    expect(source.destroyed).toBe(true);
  });

  it('passes on what the engine says went wrong', async () => {
    const source = new PassThrough();
    const { ended } = demux(source, { tty: false });
    source.end(frame(3, 'log driver died'));
    expect(await ended).toEqual({ type: 'Broken', message: 'log driver died' });
  });
});
