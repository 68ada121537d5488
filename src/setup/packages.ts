import { existsSync, readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Progress } from './progress.js';
import { mustRun, runCommand } from './run-command.js';
import { type SetupFailed, setupFailed } from './setup-failed.js';

/** What decides whether packages can be installed here. */
export interface Machine {
  readonly root: boolean;
  /** `ID` and `ID_LIKE` of /etc/os-release. */
  readonly distributions: readonly string[];
  /** `VERSION_CODENAME` of /etc/os-release: `bookworm`. */
  readonly codename?: string;
}

const osRelease = (): string => {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
};

/** The values of one variable in the text of an os-release file, split at spaces. */
export const osReleaseValues = (text: string, name: string): readonly string[] => {
  const line = text.split('\n').find((each) => each.startsWith(`${name}=`));
  const value = line?.slice(name.length + 1).replace(/^["']|["']$/g, '') ?? '';
  return value.split(/\s+/).filter((part) => part !== '');
};

export const thisMachine = (): Machine => {
  const text = osRelease();
  const [codename] = osReleaseValues(text, 'VERSION_CODENAME');
  return {
    root: process.getuid?.() === 0,
    distributions: [...osReleaseValues(text, 'ID'), ...osReleaseValues(text, 'ID_LIKE')],
    ...(codename === undefined ? {} : { codename }),
  };
};

/** Why `what` cannot be installed on this machine, in one sentence; undefined when it can be tried. */
export const whyNotInstallable = (machine: Machine, what: string): string | undefined => {
  const debian = machine.distributions.some((name) => name === 'debian' || name === 'ubuntu');
  if (!debian) {
    return `${what} is missing, and can be installed by this set-up on Debian and Ubuntu only: install it yourself, then try again`;
  }
  if (!machine.root) return `${what} is missing, and installing it needs root: try again as root`;
  return undefined;
};

const APT: readonly [string, ...string[]] = [
  'env',
  'DEBIAN_FRONTEND=noninteractive',
  'apt-get',
  '--yes',
  '-o',
  // another installation may be under way: wait for it instead of failing
  'DPkg::Lock::Timeout=300',
];

/** Refreshes the package lists; one repository out of reach does not matter if the package is found all the same. */
export const updatePackageLists =
  (progress: Progress): TaskEither<SetupFailed, void> =>
  async () => {
    progress('apt-get update');
    const ran = await runCommand([...APT, 'update'])();
    if (E.isLeft(ran)) return ran;
    if (ran.right.exitCode !== 0) progress('apt-get update reported errors; going on');
    return E.right(undefined);
  };

/** Installs Debian packages, refreshing the lists first. Only for a machine where `whyNotInstallable` has no objection. */
export const installPackages =
  (packages: readonly string[], progress: Progress): TaskEither<SetupFailed, void> =>
  async () => {
    const updated = await updatePackageLists(progress)();
    if (E.isLeft(updated)) return updated;
    progress(`apt-get install ${packages.join(' ')}`);
    const installed = await mustRun([...APT, 'install', '--no-install-recommends', ...packages], {
      onLine: (line) => {
        if (line.startsWith('Setting up ')) progress(line.replace(/ \.\.\.$/, ''));
      },
    })();
    return E.isLeft(installed) ? installed : E.right(undefined);
  };

/** Where a program is, looked for in the usual directories of root, whatever PATH says. */
export const findProgram = (name: string): string | undefined =>
  ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
    .map((directory) => `${directory}/${name}`)
    .find((path) => existsSync(path));

/** The program's path, after installing the package that brings it if need be. */
export const ensureProgram =
  (
    name: string,
    packageName: string,
    progress: Progress,
    machine: Machine = thisMachine(),
  ): TaskEither<SetupFailed, string> =>
  async () => {
    const there = findProgram(name);
    if (there !== undefined) return E.right(there);
    const objection = whyNotInstallable(machine, name);
    if (objection !== undefined) return E.left(setupFailed(objection));
    const installed = await installPackages([packageName], progress)();
    if (E.isLeft(installed)) return installed;
    const now = findProgram(name);
    return now === undefined
      ? E.left(setupFailed(`the package ${packageName} was installed, but ${name} is not there`))
      : E.right(now);
  };
