/// <reference lib="dom" />
/** Values that components watch. */

import { useEffect, useState } from "preact/hooks";

/** A value that tells of its changes. */
export interface Cell<T> {
  /** Returns the value. */
  get(): T;
  /** Replaces the value; nothing happens if it is the same. */
  set(value: T): void;
  /** Calls a function after each change, until the function that it returns is called. */
  watch(changed: (value: T) => void): () => void;
}

/** Makes a cell with its first value. */
export function cell<T>(value: T): Cell<T> {
  const watchers = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const changed of [...watchers]) changed(value);
    },
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
  };
}

/** Returns a cell's value, and renders the component again when it changes. */
export function useCell<T>(watched: Cell<T>): T {
  const [, render] = useState({});
  useEffect(() => {
    let seen = watched.get();
    // It may have changed between rendering and this effect.
    const changed = (value: T) => {
      if (!Object.is(seen, value)) render({});
      seen = value;
    };
    render({});
    return watched.watch(changed);
  }, [watched]);
  return watched.get();
}
