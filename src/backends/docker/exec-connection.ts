import { type OnReadOpts, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { chunkOf } from '../../runtime/chunk-pool.js';

/** One for all connections: what comes into it is copied out before anything else is read. */
const arrivals = Buffer.allocUnsafeSlow(65_536);

/**
 * A connection to the engine that brings chunks which can be given back (chunk-pool.ts), where a socket
 * of Node takes new memory for each read. In all else it is as the socket would be.
 */
export class ExecConnection extends Duplex {
  /** For writing without a detour. */
  readonly socket: Socket;
  #reading = true;

  constructor(connect: (onread: OnReadOpts) => Socket) {
    super({ allowHalfOpen: false, decodeStrings: false });
    this.socket = connect({
      buffer: arrivals,
      callback: (count, bytes) => {
        this.#reading = this.push(chunkOf(bytes.subarray(0, count)));
        return this.#reading;
      },
    });
    let ended = false;
    this.socket.once('end', () => {
      ended = true;
      this.push(null);
    });
    this.socket.once('error', (error) => this.destroy(error));
    // after an end in order somebody may still have to read what came before it
    this.socket.once('close', () => void (ended || this.destroy()));
    this.socket.resume();
  }

  override _read(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.socket.resume();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
    this.socket.write(chunk, encoding, () => done());
  }

  override _final(done: () => void): void {
    if (this.socket.writable) this.socket.end(() => done());
    else done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}
