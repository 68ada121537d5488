import * as O from 'fp-ts/lib/Option.js';
import * as t from 'io-ts';
import type { ObservedSandbox } from '../../ports/sandbox-backend.js';
import { readOwnership } from './container-labels.js';

const Labels = t.union([t.record(t.string, t.string), t.null, t.undefined]);

/** A row of the engine's list, as far as it is used. */
export const ContainerSummary = t.type({
  Id: t.string,
  Labels,
  /** Seconds since 1970. */
  Created: t.number,
  State: t.string,
});
export type ContainerSummary = t.TypeOf<typeof ContainerSummary>;

/** One container looked at, as far as it is used. */
export const ContainerDetails = t.type({
  Id: t.string,
  /** RFC 3339, by the engine's clock. */
  Created: t.string,
  Config: t.type({ Labels }),
  State: t.intersection([
    t.type({ Status: t.string, ExitCode: t.number }),
    t.partial({ OOMKilled: t.boolean, Error: t.string }),
  ]),
});
export type ContainerDetails = t.TypeOf<typeof ContainerDetails>;

/**
 * A container that was made and never started is one whose maker died in between: after so long it
 * counts as stopped, so that it is removed. A start takes 100 ms, on a busy engine some seconds.
 */
const NEVER_STARTED_MS = 5 * 60_000;

type Observed = Pick<ObservedSandbox, 'state' | 'reason'>;

/** State names are those of Docker, and of Podman where it has others. */
const stateOf = (status: string, ageMs: number): Observed => {
  switch (status) {
    case 'created':
    case 'configured':
    case 'initialized':
      return ageMs < NEVER_STARTED_MS
        ? { state: 'Starting' }
        : { state: 'Stopped', reason: 'was made but never started' };
    case 'restarting':
      return { state: 'Starting' };
    case 'running':
    case 'paused':
      return { state: 'Running' };
    case 'exited':
    case 'stopped':
      return { state: 'Stopped', reason: 'its first process ended' };
    case 'removing':
      return { state: 'Stopped', reason: 'is being removed' };
    default:
      return { state: 'Stopped', reason: `is in the state "${status}"` };
  }
};

/** `exited with status 137 (out of memory)`. */
const exitReason = ({ State: { ExitCode, OOMKilled, Error } }: ContainerDetails): string => {
  const how = OOMKilled === true ? ' (out of memory)' : '';
  const engineSays = Error === undefined || Error === '' ? '' : `: ${Error}`;
  return `exited with status ${ExitCode}${how}${engineSays}`;
};

/** Creation times are cut to whole seconds, as lists show no more: both views then agree. */
const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

interface View {
  readonly installation: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** None for a container that is not this installation's. */
export const fromSummary = (
  summary: ContainerSummary,
  { installation, now }: View,
): O.Option<ObservedSandbox> => {
  const createdAt = wholeSeconds(summary.Created * 1000);
  return O.map((owned: Omit<ObservedSandbox, 'uid' | 'createdAt' | 'state'>) => ({
    ...owned,
    uid: summary.Id,
    createdAt,
    ...stateOf(summary.State, now - createdAt),
  }))(readOwnership(installation, summary.Labels ?? {}));
};

/** As `fromSummary`, with the exit status in the reason. */
export const fromDetails = (
  details: ContainerDetails,
  { installation, now }: View,
): O.Option<ObservedSandbox> => {
  const createdAt = wholeSeconds(Date.parse(details.Created));
  const observed = stateOf(details.State.Status, now - createdAt);
  const ended = details.State.Status === 'exited' || details.State.Status === 'stopped';
  return O.map((owned: Omit<ObservedSandbox, 'uid' | 'createdAt' | 'state'>) => ({
    ...owned,
    uid: details.Id,
    createdAt,
    ...observed,
    ...(ended ? { reason: exitReason(details) } : {}),
  }))(readOwnership(installation, details.Config.Labels ?? {}));
};
