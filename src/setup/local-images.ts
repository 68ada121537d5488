import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { EngineAddress } from './engine-http.js';
import { importImage } from './engine-images.js';
import { ensureProgram, findProgram, thisMachine, updatePackageLists } from './packages.js';
import type { Progress } from './progress.js';
import { mustRun, runCommand } from './run-command.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

const PATH = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs `use` with a directory of its own, which is gone afterwards, whatever happened. */
const inTemporaryDirectory =
  <A>(use: (directory: string) => TaskEither<SetupFailed, A>): TaskEither<SetupFailed, A> =>
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'warmpool-image-'));
    try {
      return await use(directory)();
    } catch (error) {
      return E.left(setupFailed(E.toError(error).message));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };

/** Where this machine's own apt finds a release: a mirror nearby, or the only one it can reach. */
const ownMirror = async (codename: string): Promise<string | undefined> => {
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT)';
  const ran = await runCommand(['apt-get', 'indextargets', '--format', format])();
  if (E.isLeft(ran) || ran.right.exitCode !== 0) return undefined;
  const wanted = ran.right.lines.find((line) => line.endsWith(` ${codename} main`));
  return wanted?.split(' ')[0];
};

/** Files that no sandbox reads; they are a fifth of the image. */
const LEFT_OUT = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
];

/** Builds an image with Python 3 and nothing else from this machine's own distribution. */
export const buildPythonImage = (
  engine: EngineAddress,
  image: { readonly repository: string; readonly tag: string },
  progress: Progress,
): TaskEither<SetupFailed, void> =>
  inTemporaryDirectory((directory) => async () => {
    const machine = thisMachine();
    const { codename } = machine;
    if (codename === undefined || !machine.root) {
      return E.left(
        setupFailed(
          'building an image needs root on Debian or Ubuntu: pull one, or try again as root',
        ),
      );
    }
    const tool = await ensureProgram('mmdebstrap', 'mmdebstrap', progress)();
    if (E.isLeft(tool)) return tool;
    const mirror = await ownMirror(codename);
    const archive = join(directory, 'root.tar');
    progress(
      `building ${image.repository}:${image.tag} from ${codename}'s packages (half a minute)`,
    );
    const built = await mustRun(
      [
        tool.right,
        '--variant=essential',
        '--include=python3',
        ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
        codename,
        archive,
        ...(mirror === undefined ? [] : [mirror]),
      ],
      {
        onLine: (line) => {
          if (/^I: (?:running|downloading|extracting|installing|creating)/.test(line)) {
            progress(line.slice('I: '.length));
          }
        },
      },
    )();
    if (E.isLeft(built)) return built;
    progress(`importing ${image.repository}:${image.tag}`);
    return importImage(engine, { ...image, archive, changes: [PATH, 'CMD ["python3"]'] })();
  });

/** The binary of the package busybox-static, fetched but not installed: it would replace another busybox. */
const fetchBusybox =
  (directory: string, progress: Progress): TaskEither<SetupFailed, string> =>
  async () => {
    if (findProgram('apt-get') === undefined) {
      return E.left(setupFailed('busybox-static is fetched with apt-get, which is not there'));
    }
    if (thisMachine().root) {
      const updated = await updatePackageLists(progress)();
      if (E.isLeft(updated)) return updated;
    }
    progress('fetching busybox-static');
    const fetched = await mustRun(['apt-get', '-q', 'download', 'busybox-static'], {
      cwd: directory,
    })();
    if (E.isLeft(fetched)) return fetched;
    const file = readdirSync(directory).find((name) => name.endsWith('.deb'));
    if (file === undefined) return E.left(setupFailed('apt-get download left no package'));
    const unpacked = join(directory, 'package');
    const extracted = await mustRun(['dpkg-deb', '-x', join(directory, file), unpacked])();
    if (E.isLeft(extracted)) return extracted;
    // older releases have it in /bin, newer ones in /usr/bin
    const usr = join(unpacked, 'usr', 'bin');
    const old = join(unpacked, 'bin');
    const home = E.isRight(E.tryCatch(() => readdirSync(usr), E.toError)) ? usr : old;
    return E.right(join(home, 'busybox'));
  };

/** A root directory with busybox under all its names, a user and a place for temporary files. */
const makeBusyboxRoot = (root: string, busybox: string, applets: readonly string[]): void => {
  for (const name of ['bin', 'etc', 'tmp', 'root'])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync(busybox, join(root, 'bin', 'busybox'));
  chmodSync(join(root, 'bin', 'busybox'), 0o755);
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const applet of applets) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc', 'group'), 'root:x:0:\n');
};

/** Builds a 2 MB image with busybox and nothing else. */
export const buildBusyboxImage = (
  engine: EngineAddress,
  image: { readonly repository: string; readonly tag: string },
  progress: Progress,
): TaskEither<SetupFailed, void> =>
  inTemporaryDirectory((directory) => async () => {
    const busybox = await fetchBusybox(directory, progress)();
    if (E.isLeft(busybox)) return busybox;
    const applets = await mustRun([busybox.right, '--list'])();
    if (E.isLeft(applets)) return applets;
    const root = join(directory, 'root');
    makeBusyboxRoot(root, busybox.right, applets.right);
    const archive = join(directory, 'root.tar');
    const packed = await mustRun([
      'tar',
      '--owner=0',
      '--group=0',
      '-C',
      root,
      '-cf',
      archive,
      '.',
    ])();
    if (E.isLeft(packed)) return packed;
    progress(`importing ${image.repository}:${image.tag}`);
    return importImage(engine, { ...image, archive, changes: [PATH, 'CMD ["sh"]'] })();
  });
