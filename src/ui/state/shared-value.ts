import { useEffect, useState } from 'preact/hooks';

/** A value outside of components that tells when it changes. */
export interface SharedValue<T> {
  readonly now: () => T;
  readonly set: (value: T) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

export function sharedValue<T>(first: T): SharedValue<T> {
  const listeners = new Set<() => void>();
  let current = first;
  return {
    now: () => current,
    set: (value) => {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value, and drawn again when it changes. */
export function useShared<T>({ now, subscribe }: SharedValue<T>): T {
  const [value, setValue] = useState(now);
  useEffect(() => {
    // It may have changed between drawing and now.
    setValue(() => now());
    return subscribe(() => setValue(() => now()));
  }, [now, subscribe]);
  return value;
}
