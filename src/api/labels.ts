/** Keys that start so are this program's own; templates may not set them. */
export const RESERVED_PREFIX = 'warmpool.dev/';

/** Labels that this program puts on what it makes. They are the source of truth for whose it is. */
export const LABELS = {
  /** Name of the pool. */
  pool: 'warmpool.dev/pool',
  /** Namespace of the pool. */
  namespace: 'warmpool.dev/namespace',
  /** Hash of the template that the sandbox was made from. */
  templateHash: 'warmpool.dev/template-hash',
  /** The installation that made it: another one on the same engine never touches it. */
  installation: 'warmpool.dev/installation',
  /** Name of the sandbox. */
  sandbox: 'warmpool.dev/sandbox',
} as const;

export const isReservedKey = (key: string): boolean => key.startsWith(RESERVED_PREFIX);
