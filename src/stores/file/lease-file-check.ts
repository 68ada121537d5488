/** Sizes and places in a file of LMDB, data format 2, as its data pages and its two meta pages have them. */
const META_PAGES = 2;
const HEADER = 24;
const NODE_HEADER = 8;
const MAGIC = 0xbeefc0de;
const VERSION = 2;
/** The root of an empty tree. */
const NO_PAGE = 0xffffffffffffffffn;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const META = 0x08;
const KINDS = 0x0f;
/** The value is on pages of its own. */
const BIG_DATA = 0x01;
const PAGE_SIZES = [4096, 8192, 16384, 32768];

interface Meta {
  readonly pageSize: number;
  readonly transaction: bigint;
  readonly roots: readonly bigint[];
}

type Checked<A> = A | { readonly problem: string };

const isProblem = <A extends object>(
  checked: Checked<A>,
): checked is { readonly problem: string } => 'problem' in checked;

const readMeta = (file: Buffer, at: number): Checked<Meta> => {
  const page = file.subarray(at, at + 168);
  if (page.length < 168) return { problem: 'it is too short' };
  if ((page.readUInt16LE(18) & META) === 0 || page.readUInt32LE(24) !== MAGIC) {
    return { problem: 'it does not begin like a lease store' };
  }
  const version = page.readUInt32LE(28) & 0xffff;
  if (version !== VERSION) return { problem: `it has format ${version}, which is not known` };
  return {
    pageSize: page.readUInt32LE(48),
    transaction: page.readBigUInt64LE(152),
    roots: [page.readBigUInt64LE(88), page.readBigUInt64LE(136)],
  };
};

/** The kind and the entries of a tree's page: their places in the file. */
const readPage = (
  file: Buffer,
  number: bigint,
  pageSize: number,
): Checked<{ readonly kind: number; readonly nodes: readonly number[] }> => {
  const at = Number(number) * pageSize;
  const cut = number >= BigInt(Math.floor(file.length / pageSize));
  if (cut) return { problem: `page ${number} is missing: the file was cut short` };
  const kind = file.readUInt16LE(at + 18) & KINDS;
  const lower = file.readUInt16LE(at + 20);
  const upper = file.readUInt16LE(at + 22);
  const sane =
    file.readBigUInt64LE(at) === number &&
    (kind === BRANCH || kind === LEAF) &&
    lower % 2 === 0 &&
    lower <= upper &&
    upper <= pageSize - HEADER;
  if (!sane) return { problem: `page ${number} is garbled` };
  const nodes: number[] = [];
  for (let index = 0; index < lower / 2; index += 1) {
    const offset = file.readUInt16LE(at + HEADER + 2 * index);
    if (offset < upper || offset + HEADER + NODE_HEADER > pageSize) {
      return { problem: `page ${number} is garbled` };
    }
    nodes.push(at + HEADER + offset);
  }
  return { kind, nodes };
};

/** The page that an entry of a branch leads to. */
const childOf = (file: Buffer, node: number): bigint =>
  BigInt(file.readUInt32LE(node)) | (BigInt(file.readUInt16LE(node + 4)) << 32n);

/** Whether what an entry of a leaf holds is where it says: within its page, or on pages of its own. */
const isValueThere = (file: Buffer, node: number, pageSize: number): boolean => {
  const size = file.readUInt32LE(node);
  const big = (file.readUInt16LE(node + 4) & BIG_DATA) !== 0;
  const valueAt = node + NODE_HEADER + file.readUInt16LE(node + 6);
  const pageEnd = (Math.floor(node / pageSize) + 1) * pageSize;
  if (valueAt + (big ? 8 : size) > pageEnd) return false;
  if (!big) return true;
  const first = file.readBigUInt64LE(valueAt);
  if (first >= BigInt(Math.floor(file.length / pageSize))) return false;
  const at = Number(first) * pageSize;
  const pages = file.readUInt32LE(at + 20);
  const whole = at + pages * pageSize <= file.length && HEADER + size <= pages * pageSize;
  return (
    whole && file.readBigUInt64LE(at) === first && (file.readUInt16LE(at + 18) & OVERFLOW) !== 0
  );
};

/** Walks a tree from its root; undefined if all of it is sound. */
const treeProblem = (file: Buffer, root: bigint, pageSize: number): string | undefined => {
  const seen = new Set<bigint>();
  const open = root === NO_PAGE ? [] : [root];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (seen.has(number)) return `page ${number} is used twice`;
    seen.add(number);
    const page = readPage(file, number, pageSize);
    if (isProblem(page)) return page.problem;
    for (const node of page.nodes) {
      if (page.kind === BRANCH) open.push(childOf(file, node));
      else if (!isValueThere(file, node, pageSize)) return `page ${number} is garbled`;
    }
  }
  return undefined;
};

/**
 * What is wrong with a lease store's file; undefined if it can be opened. LMDB maps the file into memory
 * and follows the page numbers in it without a check, so that a file that was cut short or overwritten
 * would end the process: it has to be looked through before.
 */
export const leaseFileProblem = (file: Buffer): string | undefined => {
  const first = readMeta(file, 0);
  if (isProblem(first)) return first.problem;
  const { pageSize } = first;
  if (!PAGE_SIZES.includes(pageSize)) return 'it does not begin like a lease store';
  const second = readMeta(file, pageSize);
  if (isProblem(second)) return second.problem;
  if (second.pageSize !== pageSize || file.length < META_PAGES * pageSize) return 'it is too short';
  const latest = second.transaction > first.transaction ? second : first;
  for (const root of latest.roots) {
    const problem = treeProblem(file, root, pageSize);
    if (problem !== undefined) return problem;
  }
  return undefined;
};
