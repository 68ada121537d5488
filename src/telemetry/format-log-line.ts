const LEVELS: Readonly<Record<string, { readonly label: string; readonly colour: string }>> = {
  debug: { label: 'DEBUG', colour: '\u001b[90m' },
  info: { label: 'INFO ', colour: '\u001b[32m' },
  warn: { label: 'WARN ', colour: '\u001b[33m' },
  error: { label: 'ERROR', colour: '\u001b[31m' },
};
const GREY = '\u001b[90m';
const PLAIN = '\u001b[0m';

/** Text that needs no quotes to be read back as one value. */
const BARE = /^[\w./:@%+-]+$/;
/** DEL and the C1 controls: JSON leaves them alone, terminals do not. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const LEFT_BY_JSON = /[\u007f-\u009f]/g;

const escapeControls = (text: string): string =>
  text.replace(LEFT_BY_JSON, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Names of threads come from callers: whatever a terminal would act on is escaped. */
const showValue = (value: unknown): string =>
  typeof value === 'string' && BARE.test(value) ? value : escapeControls(JSON.stringify(value));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (line: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const parsed: unknown = JSON.parse(line);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

/** An error is shown by its message; its stack goes onto lines of its own. */
const showField = ([name, value]: readonly [string, unknown]): string =>
  isRecord(value) && typeof value.message === 'string' && typeof value.type === 'string'
    ? `${name}=${showValue(`${value.type}: ${value.message}`)}`
    : `${name}=${showValue(value)}`;

const stackOf = (fields: Readonly<Record<string, unknown>>): string => {
  const { error } = fields;
  if (!isRecord(error) || typeof error.stack !== 'string') return '';
  const frames = error.stack.split('\n').slice(1).join('\n');
  return frames === '' ? '' : `${escapeControls(frames)}\n`;
};

/** `10:15:42.123 INFO  sandbox ready  pool=default/python sandbox=python-x7` from one line of JSON log. */
export const formatLogLine = (line: string, colours: boolean): string => {
  const entry = parse(line);
  if (entry === undefined) return line;
  const { level, time, msg, ...fields } = entry;
  const known = LEVELS[String(level)] ?? { label: String(level), colour: '' };
  const clock = String(time).slice(11, 23);
  const shown = Object.entries(fields).map(showField).join(' ');
  const message = escapeControls(String(msg));
  const text = colours
    ? `${GREY}${clock}${PLAIN} ${known.colour}${known.label}${PLAIN} ${message}  ${GREY}${shown}${PLAIN}`
    : `${clock} ${known.label} ${message}  ${shown}`;
  return `${text.trimEnd()}\n${stackOf(fields)}`;
};
