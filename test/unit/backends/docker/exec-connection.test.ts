import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ExecConnection } from '../../../../src/backends/docker/exec-connection.js';
import { giveBack } from '../../../../src/runtime/chunk-pool.js';

const MEGABYTE = 1_048_576;

describe('a connection that brings chunks to give back', () => {
  let server: Server;
  let connection: ExecConnection;
  let engine: Socket;
  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const accepted = once(server, 'connection');
    connection = new ExecConnection((onread) => connect({ port, host: '127.0.0.1', onread }));
    [engine] = await accepted;
    engine.on('error', () => undefined);
  });
  afterEach(() => {
    connection.destroy();
    engine.destroy();
    server.close();
  });

  it('carries bytes both ways, and the end of each side', async () => {
    let sent = '';
    engine.on('data', (chunk: Buffer) => {
      sent += chunk.toString();
    });
    connection.write('to the ');
    connection.end('engine');
    await once(engine, 'end');
    expect(sent).toBe('to the engine');
    const closed = once(connection, 'close');
    engine.end('from the engine');
    expect(await text(connection)).toBe('from the engine');
    await closed;
  });

  it('can be written to beside the stream', async () => {
    const sent = text(engine);
    connection.socket.end('at once');
    expect(await sent).toBe('at once');
  });

  it('brings every byte in order, to those who keep the chunks', async () => {
    const all = Buffer.alloc(8 * MEGABYTE);
    for (let at = 0; at < all.length; at += 4) all.writeUInt32LE(at, at);
    engine.end(all);
    expect((await buffer(connection)).equals(all)).toBe(true);
  });

  it('brings every byte in order, to those who give the chunks back', async () => {
    const all = Buffer.alloc(8 * MEGABYTE);
    for (let at = 0; at < all.length; at += 4) all.writeUInt32LE(at, at);
    engine.end(all);
    let at = 0;
    let same = true;
    const memories = new Set<unknown>();
    connection.on('data', (chunk: Buffer) => {
      same &&= chunk.equals(all.subarray(at, at + chunk.length));
      at += chunk.length;
      memories.add(chunk.buffer);
      giveBack(chunk);
    });
    await once(connection, 'end');
    expect([at, same]).toEqual([all.length, true]);
    // five sizes, and the small pieces that are not worth it
    expect(memories.size).toBeLessThan(30);
  });

  it('holds the engine back while nobody reads, and loses nothing when it ends meanwhile', async () => {
    connection.pause();
    let flushed = false;
    engine.write(Buffer.alloc(64 * MEGABYTE), () => {
      flushed = true;
    });
    engine.end();
    await once(connection, 'readable');
    expect([flushed, connection.readableLength < MEGABYTE]).toEqual([false, true]);
    expect((await buffer(connection)).length).toBe(64 * MEGABYTE);
  });

  it('keeps what came before an end until it is read', async () => {
    connection.pause();
    engine.end('last words');
    await once(connection.socket, 'close');
    expect(await text(connection)).toBe('last words');
  });

  it('breaks when the connection does', async () => {
    const broken = once(connection, 'error');
    engine.resetAndDestroy();
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('says so when nobody is there', async () => {
    const nobody = new ExecConnection((onread) => connect({ path: '/nowhere/at/all', onread }));
    expect(await once(nobody, 'error')).toMatchObject([{ code: 'ENOENT' }]);
  });

  it('closes the socket with itself', async () => {
    const closed = once(engine.resume(), 'close');
    connection.destroy();
    engine.end();
    await closed;
    expect(connection.socket.destroyed).toBe(true);
  });
});
