const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/** Whether a host name or address always means this machine. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(host);
