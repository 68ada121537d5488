/** The result of `work`, or undefined as soon as `signal` aborts; the work then goes on unheard. */
export const untilAborted = <A>(
  work: Promise<A>,
  signal: AbortSignal | undefined,
): Promise<A | undefined> => {
  if (signal === undefined) return work;
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    const forget = (): void => signal.removeEventListener('abort', abort);
    work.then(resolve, reject).then(forget, forget);
  });
};
