import { Pool } from 'undici';

/** The operator's HTTP interface, on connections that are kept open. */
export interface OperatorHttp {
  readonly execute: (thread: string, body: unknown) => Promise<unknown>;
  readonly acquire: (thread: string) => Promise<unknown>;
  readonly release: (thread: string) => Promise<unknown>;
  readonly readyReplicas: () => Promise<number>;
  /** Any sandbox's container id. */
  readonly someSandbox: () => Promise<string>;
  readonly close: () => Promise<void>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

export const operatorHttp = (options: {
  readonly url: string;
  readonly pool: string;
  /** Connections: 1 for the time of one call, more for throughput. */
  readonly connections: number;
}): OperatorHttp => {
  const pool = new Pool(options.url, { connections: options.connections, bodyTimeout: 0 });
  const base = `/v1/namespaces/default/pools/${options.pool}`;
  const call = async (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<unknown> => {
    const response = await pool.request({
      method,
      path: `${base}${path}`,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) {
      throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    }
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    execute: (thread, body) => call('POST', `/threads/${thread}/exec`, body),
    acquire: (thread) => call('PUT', `/threads/${thread}/lease`, {}),
    release: (thread) => call('DELETE', `/threads/${thread}/lease`),
    readyReplicas: async () => {
      const shown = await call('GET', '');
      const status = isRecord(shown) && isRecord(shown.status) ? shown.status : {};
      return typeof status.readyReplicas === 'number' ? status.readyReplicas : 0;
    },
    someSandbox: async () => {
      const shown = await call('GET', '/sandboxes');
      const items = isRecord(shown) && Array.isArray(shown.items) ? shown.items : shown;
      const first: unknown = Array.isArray(items) ? items[0] : undefined;
      if (!isRecord(first) || typeof first.uid !== 'string') throw new Error('no sandbox');
      return first.uid;
    },
    close: () => pool.close(),
  };
};
