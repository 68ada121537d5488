import { Readable } from 'node:stream';
import { createFrameParser, type FrameSource } from './frames.js';

/** How the engine's side of an exec stream ended. */
export type StreamEnd =
  /** The engine closed it in order. */
  | { readonly type: 'Finished' }
  /** It broke, or was not understood. */
  | { readonly type: 'Broken'; readonly message: string };

export interface Demux {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once the source has ended and everything it brought is in `stdout` and `stderr`, which have ended too. */
  readonly ended: Promise<StreamEnd>;
}

/** What may wait for a reader, of stdout and of stderr each: some reads of a socket, so that a fast reader seldom stops it. */
const WAITING_BYTES = 128 * 1024;
/** The engine's own words go into a message; more than this is noise. */
const LONGEST_MESSAGE = 1000;

/**
 * Takes stdout and stderr out of one stream. As long as either is full the source is not read, so
 * that a slow reader holds the process back instead of filling memory.
 */
export const demux = (source: Readable, options: { readonly tty: boolean }): Demux => {
  const full = new Set<Readable>();
  const output = (): Readable => {
    const readable: Readable = new Readable({
      highWaterMark: WAITING_BYTES,
      read: () => {
        if (full.delete(readable) && full.size === 0) source.resume();
      },
      // Destroying one output must not hold up the other.
      destroy: (error, done) => {
        if (full.delete(readable) && full.size === 0) source.resume();
        done(error);
      },
    });
    return readable;
  };
  const outputs = { stdout: output(), stderr: output() };
  const parse = createFrameParser();
  let engineSays = '';

  const push = (name: FrameSource, bytes: Buffer): void => {
    if (name === 'engine') {
      engineSays = `${engineSays}${bytes.toString('utf8')}`.slice(0, LONGEST_MESSAGE);
      return;
    }
    const readable = outputs[name];
    if (readable.destroyed || readable.push(bytes)) return;
    full.add(readable);
    source.pause();
  };

  const ended = new Promise<StreamEnd>((resolve) => {
    let over = false;
    const end = (how: StreamEnd): void => {
      if (over) return;
      over = true;
      outputs.stdout.push(null);
      outputs.stderr.push(null);
      resolve(engineSays === '' ? how : { type: 'Broken', message: engineSays });
    };
    source.on('data', (chunk: Buffer) => {
      if (over) return;
      if (options.tty) return push('stdout', chunk);
      const pieces = parse(chunk);
      for (const piece of pieces ?? []) push(piece.source, piece.bytes);
      if (pieces !== undefined) return;
      end({ type: 'Broken', message: 'the Docker engine sent what is no exec stream' });
      source.destroy();
    });
    source.once('end', () => end({ type: 'Finished' }));
    source.on('error', (error: Error) => end({ type: 'Broken', message: error.message }));
    source.once('close', () => end({ type: 'Broken', message: 'the connection was closed' }));
  });
  return { ...outputs, ended };
};
