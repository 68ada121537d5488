import { describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { readConfig } from '../../../src/config.js';
import { type EngineAddress, engineAddress } from '../../../src/setup/engine-http.js';
import { ensureBusyboxImage, ensurePythonImage } from '../../../src/setup/ensure-image.js';

const engine = (): EngineAddress => {
  const config = readConfig();
  if (E.isLeft(config)) throw new Error(config.left.message);
  const address = engineAddress(config.right.docker);
  if (E.isLeft(address)) throw new Error(address.left.message);
  return address.right;
};

const progress = (): void => undefined;

describe('images on a real engine', () => {
  it('uses the image that is there, without building it again', async () => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    const options = { engine: engine(), force: false, progress: say };
    expect(await ensureBusyboxImage(options)()).toEqual(E.right('warmpool.local/busybox:1'));
    expect(said).toEqual([]);
  });

  it('refuses an image that is asked for by name and is not there', async () => {
    const wanted = 'warmpool.local/no-such-image:1';
    const options = { engine: engine(), force: false, wanted, progress };
    expect(await ensurePythonImage(options)()).toMatchObject(
      E.left({ message: expect.stringContaining(wanted) }),
    );
  });
});
