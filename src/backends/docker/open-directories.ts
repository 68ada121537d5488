import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Engine } from './engine.js';
import type { EngineProblem } from './errors.js';

const PUT_MS = 30_000;
const TAR_BLOCK = 512;

/** One entry of a tar archive (ustar): a directory that everybody may write to, with the sticky bit. */
const directoryEntry = (name: string): Buffer => {
  const block = Buffer.alloc(TAR_BLOCK);
  block.write(name, 0, 100);
  block.write('0001777\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write('00000000000\0', 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write('5', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
};

/**
 * Lets every user of a container write to the root of a volume. Docker makes it root's own, and Kubernetes
 * everybody's. The engine skips an entry named `.`, but not one that goes up and comes back down.
 */
export const openDirectory = (
  engine: Engine,
  id: string,
  path: string,
): TaskEither<EngineProblem, unknown> => {
  const base = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const archive = Buffer.concat([directoryEntry(`../${base}/`), Buffer.alloc(2 * TAR_BLOCK)]);
  return engine.call(PUT_MS, (docker, abortSignal) => {
    const where = { path, abortSignal };
    return docker.getContainer(id).putArchive(archive, where);
  });
};
