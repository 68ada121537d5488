import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { systemRandom } from '../../../../src/runtime/system-random.js';
import { identityOfProcess } from '../../../../src/stores/file/process-identity.js';
import {
  openStateDirectory,
  type StateDirectory,
} from '../../../../src/stores/file/state-directory.js';

let base: string;
let path: string;
let children: ChildProcess[];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'warmpool-state-'));
  path = join(base, 'deep', 'state');
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});

const open = () => openStateDirectory({ path, random: systemRandom })();
const opened = async (): Promise<StateDirectory> => {
  const result = await open();
  if (E.isLeft(result)) throw new Error(result.left.message);
  return result.right;
};
const writeLock = (content: string, number = 1): void => {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, `lock.${number}`), content);
};
/** A process that lives until it is killed. */
const sleeper = (): number => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  children.push(child);
  if (child.pid === undefined) throw new Error('sleep did not start');
  return child.pid;
};
const lockOf = (pid: number, changes: Record<string, unknown> = {}): string =>
  JSON.stringify({ ...identityOfProcess(pid), released: false, ...changes });

describe('the state directory', () => {
  it('is made for its user only, with an installation of its own', async () => {
    const directory = await opened();
    expect(directory.path).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(directory.installation).toMatch(/^[0-9a-f]{12}$/);
    await directory.close();
  });

  it('keeps its installation for ever', async () => {
    const first = await opened();
    await first.close();
    const second = await opened();
    expect(second.installation).toBe(first.installation);
    expect(readFileSync(join(path, 'installation'), 'utf8')).toBe(`${first.installation}\n`);
    await second.close();
  });

  it('is refused while another operator has it, by whose pid', async () => {
    const first = await opened();
    const second = await open();
    expect(second).toMatchObject({
      left: {
        type: 'StateDirectoryProblem',
        message: expect.stringContaining(`another warmpool (pid ${process.pid}) uses`),
      },
    });
    await first.close();
    await first.close();
    await (await opened()).close();
  });

  it('is refused while another process that runs has it', async () => {
    const pid = sleeper();
    writeLock(lockOf(pid));
    expect(await open()).toMatchObject({
      left: { message: expect.stringContaining(`(pid ${pid})`) },
    });
  });

  it('is free again when its operator was killed', async () => {
    const pid = sleeper();
    writeLock(lockOf(pid));
    const [child] = children;
    child?.kill('SIGKILL');
    if (child !== undefined) await once(child, 'exit');
    await (await opened()).close();
  });

  it('is free when the number of its operator is used by another process now', async () => {
    writeLock(lockOf(sleeper(), { startedAt: '1' }));
    await (await opened()).close();
  });

  it('is free when its operator ran before the machine was restarted', async () => {
    writeLock(lockOf(sleeper(), { boot: 'another-boot' }));
    await (await opened()).close();
  });

  it('is not taken from an operator in another container, as nothing is known of that one', async () => {
    writeLock(lockOf(4_000_000, { namespace: 'pid:[1]' }));
    expect(await open()).toMatchObject({
      left: { message: expect.stringContaining(`remove ${join(path, 'lock.1')}`) },
    });
  });

  it.each(['', '{', '[]', '{"pid":1}', '\0\0\0'])(
    'is free when its lock says %j',
    async (content) => {
      writeLock(content);
      await (await opened()).close();
    },
  );

  it('leaves one lock file, whose number rises', async () => {
    for (let n = 1; n <= 3; n += 1) {
      await (await opened()).close();
      expect(readdirSync(path).filter((name) => name.startsWith('lock'))).toEqual([`lock.${n}`]);
    }
  });

  it('says what is wrong when it cannot be used', async () => {
    writeFileSync(join(base, 'deep'), 'a file');
    expect(await open()).toMatchObject({
      left: { message: expect.stringContaining('choose another directory with --state') },
    });
  });

  it('is refused where no directory can be made, instead of trying for ever', async () => {
    path = '/proc/warmpool/state';
    expect(await open()).toMatchObject({
      left: { message: expect.stringContaining('choose another directory with --state') },
    });
  });

  it('refuses an installation that was damaged, and does not stay locked', async () => {
    await (await opened()).close();
    chmodSync(join(path, 'installation'), 0o600);
    writeFileSync(join(path, 'installation'), '\0\0');
    for (const _ of [1, 2]) {
      expect(await open()).toMatchObject({
        left: { message: expect.stringContaining('installation is damaged') },
      });
    }
  });
});
