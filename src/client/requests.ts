/** A thread of a pool. */
export interface ThreadRef {
  readonly namespace: string;
  readonly pool: string;
  /** Any Unicode string of 1 to 256 bytes of UTF-8. */
  readonly thread: string;
}

export interface PoolRef {
  readonly namespace: string;
  readonly pool: string;
}

/** A command for a thread; what is absent comes from the pool. */
export interface ExecRequest extends ThreadRef {
  /** Text for sh, or an argument vector that no shell interprets. */
  readonly command: string | readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  readonly user?: string;
  readonly timeoutSeconds?: number;
  readonly maxOutputBytes?: number;
  readonly leaseEpoch?: number;
  readonly encoding?: 'utf8' | 'base64';
  /** A command that times out is then a Problem of status 504. */
  readonly timeoutIsError?: boolean;
}

export interface LeaseRequest extends ThreadRef {
  readonly durationSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ReleaseRequest extends ThreadRef {
  /** Releases only the lease of this epoch. */
  readonly epoch?: number;
}

/**
 * A name as one part of a path. A name of nothing but dots would be taken for "here" or "up" by whoever tidies
 * URLs on the way, so its dots are encoded too. Throws a URIError for half a surrogate pair.
 */
export const pathPart = (name: string): string => {
  const encoded = encodeURIComponent(name);
  return /^\.+$/.test(encoded) ? encoded.replaceAll('.', '%2E') : encoded;
};

export const poolPath = ({ namespace, pool }: PoolRef): string =>
  `/v1/namespaces/${pathPart(namespace)}/pools/${pathPart(pool)}`;

export const threadPath = (ref: ThreadRef): string =>
  `${poolPath(ref)}/threads/${pathPart(ref.thread)}`;

/** The body of `POST …/exec`. */
export const execBody = (request: ExecRequest, stream: boolean): string => {
  const { namespace: _namespace, pool: _pool, thread: _thread, stdin, ...rest } = request;
  return JSON.stringify({
    ...rest,
    ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin).toString('base64') }),
    ...(stream ? { stream } : {}),
  });
};
