import { type Decoded, strictObject } from './strict-object.js';
import { number, textRecord } from './values.js';

const A_YEAR_SECONDS = 31_536_000;

const required = {};

const optional = {
  durationSeconds: number("From now until the lease ends; the pool's own when absent.", {
    min: 1,
    max: A_YEAR_SECONDS,
    integer: true,
  }),
  // the rules of Kubernetes, so that a lease means the same in a cluster
  labels: textRecord('Merged into the labels of the lease; the rules are those of Kubernetes.', {
    name: /^(?=.{1,253}$)(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    nameMessage:
      'must be a Kubernetes label name: an optional prefix and a slash, then 1 to 63 of A-Z a-z 0-9 - _ .',
    value: {
      maxBytes: 63,
      pattern: {
        matches: /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
        message: 'must be a Kubernetes label value: up to 63 of A-Z a-z 0-9 - _ .',
      },
    },
    maxEntries: 64,
    maxBytes: 16_384,
  }),
};

/** The body of `PUT …/lease`. */
export const leaseBody = strictObject('lease', required, optional);
export type LeaseBody = Decoded<typeof required, typeof optional>;
