import type { HostConfig, MountSettings } from 'dockerode';
import type { FieldPath } from '../../api/field-problem.js';
import type { Container, PodTemplate } from '../../api/pod-template.js';
import { parseQuantity } from './quantity.js';
import { type Refuse, refuseOthers } from './refuse.js';

export interface Mounts {
  readonly host: HostConfig;
  /** Directories on disk that all users of the sandbox may write to, as Kubernetes makes them; Docker makes them root's own. */
  readonly openDirectories: readonly string[];
}

type Volume = NonNullable<PodTemplate['spec']['volumes']>[number];
type Mount = NonNullable<Container['volumeMounts']>[number];

/** The name of the directory itself goes into the header of an archive, which holds 100 bytes. */
const LONGEST_NAME = 90;

const isMountPoint = (path: string): boolean => {
  const parts = path.split('/').filter((part) => part !== '');
  return (
    parts.every((part) => part !== '.' && part !== '..') &&
    parts.length > 0 &&
    Buffer.byteLength(parts.at(-1) ?? '') <= LONGEST_NAME
  );
};

const checkVolume = (volume: Volume, path: FieldPath, refuse: Refuse): void => {
  refuseOthers(volume, { mapped: ['name', 'emptyDir'] }, path, refuse);
  const { emptyDir } = volume;
  if (emptyDir === undefined) {
    refuse(path, 'must be an emptyDir: Docker has no other volumes here');
    return;
  }
  const at = [...path, 'emptyDir'];
  refuseOthers(emptyDir, { mapped: ['medium', 'sizeLimit'] }, at, refuse);
  if (emptyDir.sizeLimit === undefined) return;
  if (emptyDir.medium !== 'Memory') {
    refuse([...at, 'sizeLimit'], 'needs the medium Memory: Docker cannot limit a volume on disk');
  } else if (!((parseQuantity(emptyDir.sizeLimit) ?? 0) >= 1)) {
    refuse([...at, 'sizeLimit'], 'must be at least one byte, in an amount that Docker can count');
  }
};

/** Programs may run from it, as in Kubernetes; Docker's own default forbids that. */
const tmpfsOptions = (sizeBytes: number, readOnly: boolean): string =>
  `${readOnly ? 'ro' : 'rw'},exec,nosuid,nodev,mode=1777,size=${Math.ceil(sizeBytes)}`;

const anonymousVolume = (mount: Mount): MountSettings => ({
  Type: 'volume',
  // No source makes it anonymous: it goes with the container.
  Source: '',
  Target: mount.mountPath,
  ReadOnly: mount.readOnly ?? false,
  VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
});

/** `memoryBytes` bounds a volume in memory that has no limit of its own. */
export const toMounts = (
  template: PodTemplate,
  container: Container,
  memoryBytes: number,
  paths: { readonly pod: FieldPath; readonly container: FieldPath },
  refuse: Refuse,
): Mounts => {
  const volumes = new Map((template.spec.volumes ?? []).map((volume) => [volume.name, volume]));
  (template.spec.volumes ?? []).forEach((volume, index) =>
    checkVolume(volume, [...paths.pod, 'volumes', index], refuse),
  );
  const mounted = new Set<string>();
  const targets = new Set<string>();
  const tmpfs: Record<string, string> = {};
  const onDisk: MountSettings[] = [];
  (container.volumeMounts ?? []).forEach((mount, index) => {
    const at = [...paths.container, 'volumeMounts', index];
    refuseOthers(mount, { mapped: ['name', 'mountPath', 'readOnly'] }, at, refuse);
    const volume = volumes.get(mount.name);
    if (volume === undefined) return refuse([...at, 'name'], 'names no volume of the template');
    if (mounted.has(mount.name)) {
      return refuse([...at, 'name'], 'is mounted already: Docker can mount an emptyDir only once');
    }
    if (targets.has(mount.mountPath) || !isMountPoint(mount.mountPath)) {
      return refuse([...at, 'mountPath'], 'must be a directory of its own, without "." and ".."');
    }
    mounted.add(mount.name);
    targets.add(mount.mountPath);
    if (volume.emptyDir?.medium !== 'Memory') return void onDisk.push(anonymousVolume(mount));
    const { sizeLimit } = volume.emptyDir;
    const size = sizeLimit === undefined ? memoryBytes : (parseQuantity(sizeLimit) ?? memoryBytes);
    tmpfs[mount.mountPath] = tmpfsOptions(size, mount.readOnly ?? false);
    return undefined;
  });
  return {
    host: { Tmpfs: tmpfs, Mounts: onDisk },
    openDirectories: onDisk.map((mount) => mount.Target),
  };
};
