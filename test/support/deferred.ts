export interface Deferred<A> {
  readonly promise: Promise<A>;
  readonly resolve: (value: A) => void;
}

/** A promise that somebody else settles. */
export const deferred = <A>(): Deferred<A> => {
  const settlers: ((value: A) => void)[] = [];
  const promise = new Promise<A>((resolve) => settlers.push(resolve));
  return { promise, resolve: (value) => settlers[0]?.(value) };
};
