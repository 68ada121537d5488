import type { SandboxChange } from './sandbox-table.js';

/** Tells listeners of changes, each change to all of them before the next. */
export interface ChangeFeed {
  readonly publish: (change: SandboxChange) => void;
  readonly subscribe: (listener: (change: SandboxChange) => void) => () => void;
}

/**
 * A listener may cause further changes: those are told once the present one has reached everybody, so
 * that all listeners hear all changes in the order in which they happened.
 */
export const createChangeFeed = (): ChangeFeed => {
  const listeners = new Set<(change: SandboxChange) => void>();
  const waiting: SandboxChange[] = [];
  let telling = false;
  return {
    publish: (change) => {
      waiting.push(change);
      if (telling) return;
      telling = true;
      try {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          for (const listener of listeners) listener(next);
        }
      } finally {
        telling = false;
      }
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
