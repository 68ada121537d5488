import * as E from 'fp-ts/lib/Either.js';
import { checked, type Field } from './field.js';
import { type Decoded, strictObject } from './strict-object.js';
import { base64, flag, number, oneOf, text, textProblem, textRecord } from './values.js';

const MIB = 1024 * 1024;

/** Longer programs belong into a file: the shell reads its script byte by byte. */
const COMMAND_BYTES = MIB;
/** Enough to fill any command line that the kernel takes. */
const MAX_WORDS = 65_536;
const A_DAY_SECONDS = 86_400;

const wordsProblem = (words: readonly unknown[]): string | undefined => {
  if (words.length === 0) return 'must have at least one word';
  if (words.length > MAX_WORDS) return `must have at most ${MAX_WORDS} words`;
  let bytes = 0;
  for (const [index, word] of words.entries()) {
    const problem = textProblem(word, { maxBytes: COMMAND_BYTES, minBytes: index === 0 ? 1 : 0 });
    if (problem !== undefined) return `word ${index} ${problem}`;
    bytes += Buffer.byteLength(String(word)) + 1;
  }
  return bytes > COMMAND_BYTES + words.length
    ? `must be at most ${COMMAND_BYTES} bytes long in all`
    : undefined;
};

const command: Field<string | readonly string[]> = {
  decoder: checked<string | readonly string[]>('command', (value) => {
    if (Array.isArray(value)) {
      const words: readonly unknown[] = value;
      const problem = wordsProblem(words);
      return problem === undefined ? E.right(words.map(String)) : E.left(problem);
    }
    if (typeof value !== 'string') return E.left('must be a string or an array of strings');
    const problem = textProblem(value, { maxBytes: COMMAND_BYTES, minBytes: 1 });
    return problem === undefined ? E.right(value) : E.left(problem);
  }),
  schema: {
    description: 'Text for sh, or an argument vector that no shell interprets.',
    oneOf: [
      { type: 'string', minLength: 1, maxLength: COMMAND_BYTES },
      { type: 'array', minItems: 1, maxItems: MAX_WORDS, items: { type: 'string' } },
    ],
  },
};

const required = { command };

const optional = {
  cwd: text('Where to run: absolute, or relative to the directory of the thread.', {
    minBytes: 1,
    maxBytes: 4096,
  }),
  env: textRecord("Added to the sandbox's own environment.", {
    name: /^[A-Za-z_][A-Za-z0-9_]*$/,
    nameMessage: 'must be letters, digits and underscores, and must not begin with a digit',
    value: { maxBytes: MIB },
    maxEntries: 1000,
    maxBytes: MIB,
  }),
  stdin: base64('What the command reads; empty when absent.'),
  user: text('The user to run as: a name, a uid, or uid:gid.', {
    minBytes: 1,
    maxBytes: 128,
    pattern: {
      matches: /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/,
      message: 'must be a user name, a uid, or uid:gid',
    },
  }),
  timeoutSeconds: number("Until the command is killed; the pool's own when absent.", {
    min: 0.001,
    max: A_DAY_SECONDS,
    integer: false,
  }),
  maxOutputBytes: number("Kept of stdout and of stderr each; never more than the pool's own.", {
    min: 0,
    max: 1024 * MIB,
    integer: true,
  }),
  leaseEpoch: number('Refuses with 409 unless the lease of the thread has this epoch.', {
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
  }),
  encoding: oneOf(
    'How stdout and stderr come; by default utf8, or base64 where the bytes are no valid UTF-8.',
    ['utf8', 'base64'],
  ),
  stream: flag('Output comes as lines of JSON (application/x-ndjson) while the command runs.'),
  timeoutIsError: flag('A command that times out is a 504 instead of a 200 with "timedOut": true.'),
};

/** The body of `POST …/exec`. */
export const execBody = strictObject('exec', required, optional);
export type ExecBody = Decoded<typeof required, typeof optional>;
