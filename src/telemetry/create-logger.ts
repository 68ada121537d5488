import { type DestinationStream, pino } from 'pino';
import type { LogFields, Logger } from '../ports/logger.js';
import { errorFields } from './error-fields.js';
import { formatLogLine } from './format-log-line.js';

export interface LoggerOptions {
  /** `debug`, `info`, `warn`, `error` or `silent`: the least that is written. */
  readonly level: string;
  /** `pretty` for people, `json` for machines; by whether the destination is a terminal when absent. */
  readonly format?: string;
  /** Whether pretty lines may be coloured. */
  readonly colours: boolean;
  /** Where lines go; a log is not output, so the caller normally gives stderr. */
  readonly destination: LogDestination;
}

/** A stream of text that knows whether a person is looking at it. */
export interface LogDestination extends DestinationStream {
  readonly isTTY?: boolean;
}

/** Names under which a secret may come along; they are looked for on three levels. */
const SECRET_NAMES = ['token', 'password', 'secret', 'authorization', 'cookie', '["x-api-key"]'];

const under = (prefix: string): readonly string[] =>
  SECRET_NAMES.map((name) => (name.startsWith('[') ? `${prefix}${name}` : `${prefix}.${name}`));

const SECRET_PATHS = [...SECRET_NAMES.map((name) => name), ...under('*'), ...under('*.*')];

const prettyDestination = (to: LogDestination, colours: boolean): DestinationStream => ({
  write: (line) => {
    to.write(formatLogLine(line, colours));
  },
});

/** The process's log: one JSON object a line, or one readable line. Values of secret names are replaced. */
export const createLogger = (options: LoggerOptions): Logger => {
  const { destination } = options;
  const pretty = (options.format ?? (destination.isTTY === true ? 'pretty' : 'json')) === 'pretty';
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PATHS, censor: '[redacted]' },
      serializers: { error: errorFields, cause: errorFields },
    },
    pretty ? prettyDestination(destination, options.colours) : destination,
  );
  return adapt(logger);
};

interface PinoLike {
  readonly debug: (fields: LogFields, message: string) => void;
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
  readonly child: (fields: LogFields) => PinoLike;
}

const adapt = (logger: PinoLike): Logger => ({
  debug: (fields, message) => logger.debug(fields, message),
  info: (fields, message) => logger.info(fields, message),
  warn: (fields, message) => logger.warn(fields, message),
  error: (fields, message) => logger.error(fields, message),
  child: (fields) => adapt(logger.child(fields)),
});
