/** The `code` of an error as Node, fastify and others set it: `EADDRINUSE`, `FST_ERR_BAD_URL`. */
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
