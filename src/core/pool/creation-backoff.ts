/**
 * How creating sandboxes from one template has gone: what keeps a bad template from storming the
 * backend. Begins anew when the template changes.
 */
export interface CreationState {
  readonly templateHash: string;
  /** Some sandbox of this template has become Ready. Until then one is tried at a time. */
  readonly proven: boolean;
  /** Failed creations in a row. */
  readonly failures: number;
  /** How often, lately, sandboxes stopped by themselves soon after their start. */
  readonly earlyStops: number;
  /** Milliseconds since 1970. */
  readonly lastEarlyStopAt?: number;
  /** No creation begins before: milliseconds since 1970. */
  readonly retryAt?: number;
  readonly problem?: CreationProblem;
  /** A problem of another kind, seen once: said aloud when seen again. */
  readonly suspected?: CreationProblem;
}

/** Why no sandbox comes of a template, for the Degraded condition. */
export interface CreationProblem {
  readonly reason: 'ImageMissing' | 'CreateFailed' | 'WarmupFailed' | 'TemplateRefused';
  readonly message: string;
}

/** The first try follows at once for a person who looks on; the last is seldom enough to cost nothing. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;
/** A sandbox that stops by itself this soon says something about its template. */
const EARLY_MS = 60_000;
/** Twice the longest wait: early stops further apart than that are no series. */
const SERIES_MS = 600_000;

const waitMs = (failures: number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20));

export const newCreationState = (templateHash: string): CreationState => ({
  templateHash,
  proven: false,
  failures: 0,
  earlyStops: 0,
});

/** A sandbox became Ready (or was found to be). Early stops are not forgiven by it: they come after. */
export const creationSucceeded = (state: CreationState): CreationState => {
  const { problem: _problem, suspected: _suspected, retryAt, ...kept } = state;
  const stopping = state.earlyStops > 1;
  return {
    ...kept,
    proven: true,
    failures: 0,
    ...(stopping && retryAt !== undefined ? { retryAt } : {}),
    ...(stopping && state.problem !== undefined ? { problem: state.problem } : {}),
  };
};

/**
 * Which problem to show: the first of a series, in its first words, so that the condition does not
 * change with every try; another kind of problem takes over when it comes twice in a row.
 */
const shownProblem = (
  state: CreationState,
  problem: CreationProblem,
): Pick<CreationState, 'problem' | 'suspected'> => {
  if (state.problem === undefined) return { problem };
  if (state.problem.reason === problem.reason) return { problem: state.problem };
  return state.suspected?.reason === problem.reason
    ? { problem }
    : { problem: state.problem, suspected: problem };
};

/** A creation failed at `now`: the next one waits twice as long as the last did, from 1 s up to 5 min. */
export const creationFailed = (
  state: CreationState,
  problem: CreationProblem,
  now: number,
): CreationState => {
  const { suspected: _suspected, ...kept } = state;
  const failures = state.failures + 1;
  return {
    ...kept,
    ...shownProblem(state, problem),
    failures,
    retryAt: now + waitMs(Math.max(failures, state.earlyStops)),
  };
};

/**
 * Sandboxes stopped by themselves; `ageMs` is the age of the oldest of them. Once may be anything: a
 * series of early stops is braked like failed creations.
 */
export const sandboxStopped = (
  state: CreationState,
  stop: { readonly message: string; readonly ageMs: number },
  now: number,
): CreationState => {
  if (stop.ageMs > EARLY_MS) return state;
  const inSeries = state.lastEarlyStopAt !== undefined && now - state.lastEarlyStopAt < SERIES_MS;
  const earlyStops = inSeries ? state.earlyStops + 1 : 1;
  const noted = { ...state, earlyStops, lastEarlyStopAt: now };
  if (earlyStops < 2) return noted;
  const message = `sandboxes stop by themselves soon after their start: ${stop.message}`;
  return {
    ...noted,
    ...shownProblem(state, { reason: 'CreateFailed', message }),
    retryAt: now + waitMs(earlyStops - 1),
  };
};

/** A series of early stops is over when none came for a while. */
export const forgetOldStops = (state: CreationState, now: number): CreationState => {
  if (state.lastEarlyStopAt === undefined || now - state.lastEarlyStopAt < SERIES_MS) return state;
  const { lastEarlyStopAt: _at, problem, ...kept } = state;
  const failing = state.failures > 0 && problem !== undefined;
  return { ...kept, earlyStops: 0, ...(failing ? { problem } : {}) };
};

/** How many creations may begin now, when `underWay` are under way: any number, one for a trial, or none. */
export const creationsAllowed = (state: CreationState, underWay: number, now: number): number => {
  if (state.retryAt !== undefined && now < state.retryAt) return 0;
  const onTrial = !state.proven || state.failures > 0 || state.earlyStops > 1;
  return onTrial ? Math.max(0, 1 - underWay) : Number.POSITIVE_INFINITY;
};
