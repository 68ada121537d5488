import type { ClientError } from '../client/client-error.js';
import { printable } from './printable.js';

/** Which words of the command line a field of a request is made of. */
const FLAGS: Readonly<Record<string, string>> = {
  command: 'COMMAND',
  cwd: '--cwd',
  env: '--env',
  user: '--user',
  timeoutSeconds: '--timeout',
  stdin: '--stdin',
  durationSeconds: '--duration',
  labels: '--label',
  thread: '--thread',
  '?epoch': '--epoch',
};

/**
 * What is wrong with the command line, if that is why warmpool refused the request: it knows the bounds of
 * every field, so that they are not checked a second time here.
 */
export const usageFault = (error: ClientError): string | undefined => {
  if (error.type !== 'Problem' || error.problem.type !== 'urn:warmpool:problem:invalid-request') {
    return undefined;
  }
  const faults = (error.problem.errors ?? []).map(({ path, message }) => {
    const [field = ''] = path.split('.');
    const flag = FLAGS[field];
    return flag === undefined ? undefined : `${flag}: ${message}`;
  });
  if (faults.length === 0 || faults.includes(undefined)) return undefined;
  return printable(faults.join('; '));
};
