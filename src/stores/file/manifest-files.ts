import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';

/** What was found where a manifest should be. */
export type ManifestFile =
  | { readonly type: 'Content'; readonly bytes: Uint8Array }
  | { readonly type: 'Missing' }
  | { readonly type: 'Unreadable'; readonly message: string };

/** All manifest files at one moment, in the order in which they count. */
export interface ManifestFiles {
  /** By the path as people know it: as given, or below a directory as given. */
  readonly files: ReadonlyMap<string, ManifestFile>;
  /** Equal for equal contents. */
  readonly fingerprint: string;
}

const EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.json'];
/** Larger files are refused by the reader of manifests; there is no point in loading them. */
const MAX_BYTES = 1_048_576;

/** Messages for the errors that file systems are known to give; others are defects of this program. */
const faultOf = (error: unknown): ManifestFile => {
  const code: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (typeof code !== 'string') throw error;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { type: 'Missing' };
  return { type: 'Unreadable', message: `cannot be read: ${code}` };
};

const readOne = async (path: string): Promise<ManifestFile> => {
  try {
    const found = await stat(path);
    if (!found.isFile()) return { type: 'Unreadable', message: 'is not a regular file' };
    if (found.size > MAX_BYTES) {
      return { type: 'Unreadable', message: `must not be larger than ${MAX_BYTES} bytes` };
    }
    return { type: 'Content', bytes: await readFile(path) };
  } catch (error) {
    return faultOf(error);
  }
};

/** Hidden files are left out: editors and volume mounts keep their own there. */
const isManifestName = (name: string): boolean =>
  !name.startsWith('.') && EXTENSIONS.includes(extname(name).toLowerCase());

type Listing = { readonly names: readonly string[] } | { readonly fault: ManifestFile };

const listDirectory = async (path: string): Promise<Listing | undefined> => {
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
    return { names: (await readdir(path)).filter(isManifestName).toSorted() };
  } catch (error) {
    return { fault: faultOf(error) };
  }
};

/**
 * A file that goes takes its pools along: somebody deleted it. A directory that goes as a whole was
 * unmounted, or is being swapped for another: its pools stay until it can be read again.
 */
const faultOfPath = (path: string, fault: ManifestFile): ManifestFile =>
  fault.type === 'Missing' && !isManifestName(basename(path))
    ? { type: 'Unreadable', message: 'is not there: no such file or directory' }
    : fault;

const readPath = async (path: string): Promise<readonly (readonly [string, ManifestFile])[]> => {
  const listing = await listDirectory(path);
  if (listing === undefined) return [[path, await readOne(path)]];
  if ('fault' in listing) return [[path, faultOfPath(path, listing.fault)]];
  const found: (readonly [string, ManifestFile])[] = [];
  for (const name of listing.names) {
    const file = join(path, name);
    const content = await readOne(file);
    // Gone since the listing, a link to nowhere, a directory of that name: not there.
    const absent =
      content.type === 'Missing' ||
      (content.type === 'Unreadable' && content.message === 'is not a regular file');
    if (!absent) found.push([file, content]);
  }
  return found;
};

const fingerprintOf = (files: ReadonlyMap<string, ManifestFile>): string => {
  const hash = createHash('sha256');
  for (const [path, file] of files) {
    hash.update(JSON.stringify([path, file.type, file.type === 'Unreadable' ? file.message : '']));
    if (file.type === 'Content') hash.update(createHash('sha256').update(file.bytes).digest());
  }
  return hash.digest('hex');
};

/** Reads the given files, and the manifests in the given directories (not below them). A file that is named twice counts once. */
export const readManifestFiles = async (paths: readonly string[]): Promise<ManifestFiles> => {
  const files = new Map<string, ManifestFile>();
  const seen = new Set<string>();
  for (const path of paths) {
    for (const [file, content] of await readPath(path)) {
      if (seen.has(resolve(file))) continue;
      seen.add(resolve(file));
      files.set(file, content);
    }
  }
  return { files, fingerprint: fingerprintOf(files) };
};
