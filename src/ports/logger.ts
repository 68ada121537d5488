export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log. Messages are constant; what varies goes into fields, named as in the words of the
 * program: `pool`, `sandbox`, `uid`, `thread`, `tenant`, `epoch`, `error`.
 */
export interface Logger {
  readonly debug: (fields: LogFields, message: string) => void;
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
  readonly child: (fields: LogFields) => Logger;
}
