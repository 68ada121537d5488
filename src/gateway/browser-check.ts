import { isLoopbackHost } from './loopback.js';

const hostName = (host: string): string => host.replace(/:\d+$/, '').toLowerCase();

const sameSite = (origin: string, host: string): boolean => {
  try {
    return new URL(origin).host === host.toLowerCase();
  } catch {
    return false; // "null": a page without an origin, or a file
  }
};

/**
 * Why a request cannot be from a program of this machine's user, or undefined if it may be.
 *
 * Without a token, being on this machine is all that lets a caller in, and a browser on this machine runs pages of
 * strangers. Such a page can send requests here under its own name, which `Origin` gives away; or it
 * can have its own name resolve to 127.0.0.1 (DNS rebinding), and then the `Host` header is that name.
 */
export const browserProblem = (
  headers: { readonly host?: string | undefined; readonly origin?: string | undefined },
  listenHost: string | undefined,
): string | undefined => {
  const host = headers.host ?? '';
  const name = hostName(host);
  if (!isLoopbackHost(name) && name !== listenHost) {
    return `the Host header is "${host}": without a token only localhost, 127.0.0.1 and [::1] are served`;
  }
  if (headers.origin !== undefined && !sameSite(headers.origin, host)) {
    return `requests from web pages (here of "${headers.origin}") are not served`;
  }
  return undefined;
};
