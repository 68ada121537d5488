/**
 * How many of the wanted warm sandboxes may be missing while sandboxes are replaced, as Kubernetes
 * counts it for a Deployment: a number as it stands, a share (`25%`) of `replicas` rounded down, and
 * never less than one, as a rollout without room for replacements could not move otherwise. Worked
 * example: 25% of 5 is 1, 25% of 3 is 1, 50% of 5 is 2. Anything unreadable counts as one.
 */
export const maxUnavailableOf = (value: number | string, replicas: number): number => {
  const share = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  const wanted =
    typeof value === 'number' ? value : Math.floor((Number(share ?? 0) * replicas) / 100);
  return Math.max(1, Math.min(Math.floor(wanted), replicas));
};
