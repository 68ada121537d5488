/** Causes followed inside one error: deeper ones say little and cost a line each. */
const DEEPEST_CAUSE = 4;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * An error as a log shows it. A tagged error (`type`, `message`) is a known failure and needs no
 * stack; an `Error` is a defect or comes from a library, and its stack is what one looks for.
 */
export const errorFields = (error: unknown, depth = 0): unknown => {
  if (!isRecord(error) || depth > DEEPEST_CAUSE) return error;
  const cause = error.cause === undefined ? {} : { cause: errorFields(error.cause, depth + 1) };
  if (error instanceof Error) {
    const { code } = error as { readonly code?: unknown };
    return {
      type: error.name,
      message: error.message,
      ...(code === undefined ? {} : { code }),
      ...(depth === 0 ? { stack: error.stack } : {}),
      ...cause,
    };
  }
  return { ...error, ...cause };
};
