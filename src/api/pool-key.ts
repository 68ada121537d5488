/** A pool's identity: its namespace and name. */
export interface PoolKey {
  readonly namespace: string;
  readonly name: string;
}

/** `namespace/name`: the form used as a map key, in logs and in messages. Neither part can hold a slash. */
export const poolKeyText = (key: PoolKey): string => `${key.namespace}/${key.name}`;

export const samePool = (a: PoolKey, b: PoolKey): boolean =>
  a.namespace === b.namespace && a.name === b.name;
