import type { ClientError, ProblemReply, Unreachable } from '../client/client-error.js';
import { assertNever } from '../core/assert-never.js';
import { printable } from './printable.js';

/** Codes of errors that mean that nobody listens there. */
const NOBODY_THERE = [
  'ECONNREFUSED',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
];

const codeOf = ({ cause }: Unreachable): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';

const problemHint = ({ problem, retryAfterSeconds }: ProblemReply): string => {
  if (problem.status === 401) return ': set WARMPOOL_TOKEN to the token of that warmpool';
  if (problem.type === 'urn:warmpool:problem:pool-unknown') {
    return ': `warmpool get pools -A` lists those there are';
  }
  return retryAfterSeconds === undefined ? '' : `: try again in ${retryAfterSeconds} s`;
};

/** What went wrong, and what to do about it, in one line. */
export const describeFailure = (error: ClientError): string => {
  switch (error.type) {
    case 'Problem':
      return printable(`${error.problem.detail}${problemHint(error)}`);
    case 'Unreachable':
      return NOBODY_THERE.includes(codeOf(error))
        ? `${error.message}: start it with \`warmpool up -f pool.yaml\`, or say with --url or WARMPOOL_URL where it is`
        : error.message;
    case 'UnexpectedReply':
    case 'Aborted':
      return error.message;
    default:
      return assertNever(error);
  }
};
