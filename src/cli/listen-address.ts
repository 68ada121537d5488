import * as E from 'fp-ts/lib/Either.js';

/** Where to listen for HTTP: a TCP address or a unix socket. */
export type ListenAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

/** Whether only this machine can reach the address. A unix socket is guarded by its file's permissions. */
export const isLoopback = (address: ListenAddress): boolean =>
  'path' in address || LOOPBACK.test(address.host);

/** `HOST:PORT`, `:PORT` (all addresses), `PORT` (loopback), `[IPv6]:PORT` or `unix:/path`; port 0 takes any free one. */
export const parseListenAddress = (text: string): E.Either<string, ListenAddress> => {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length).replace(/^\/\//, '');
    return path.startsWith('/')
      ? E.right({ path })
      : E.left(`"${text}": a unix socket needs an absolute path, like unix:/run/warmpool.sock`);
  }
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[^:[\]]*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    return E.left(`"${text}" is not an address: write HOST:PORT, like 127.0.0.1:7070`);
  }
  const host = match[1];
  if (host === undefined) return E.right({ host: '127.0.0.1', port });
  return E.right({ host: host === '' ? '0.0.0.0' : host.replace(/^\[|\]$/g, ''), port });
};
