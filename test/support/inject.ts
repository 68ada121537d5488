import type { Gateway } from '../../src/gateway/create-gateway.js';
import type { JsonView } from './json-view.js';

export interface InjectedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The body as JSON; empty if it is none. */
  readonly json: JsonView;
}

interface InjectOptions {
  readonly body?: unknown;
  /** Sent as it is, with the content type of JSON. */
  readonly rawBody?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const parsed = (text: string): JsonView => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

/** Sends a request to a gateway without a connection. */
export const inject = async (
  gateway: Gateway,
  target: string,
  options: InjectOptions = {},
): Promise<InjectedReply> => {
  const [method = 'GET', url = '/'] = target.split(' ', 2);
  const payload =
    options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const response = await gateway.app.inject({
    method: method as 'GET',
    url,
    headers: {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(payload === undefined ? {} : { payload }),
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    json: parsed(response.body),
  };
};
