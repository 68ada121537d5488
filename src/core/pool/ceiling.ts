/** What a small pool may grow to without being told: room for leases and for replacements. */
const SMALLEST_DEFAULT = 20;
/** The warm buffer, and three times as many leased ones. */
const TIMES_REPLICAS = 4;

/** The most sandboxes that a pool may own, in whatever phase: `maxSandboxes`, or else a default that grows with `replicas`. */
export const ceilingOf = (spec: {
  readonly replicas: number;
  readonly maxSandboxes?: number | undefined;
}): number =>
  Math.max(
    spec.replicas,
    spec.maxSandboxes ?? Math.max(TIMES_REPLICAS * spec.replicas, SMALLEST_DEFAULT),
  );
