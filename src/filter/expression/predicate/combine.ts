/** Combinations of tests. */

import type { Test } from "./frame.ts";

/** Test of a value that records of the kind do not have. */
export const NEVER: Test = () => false;

/** Returns whether all tests hold, asked in order. */
export function allOf(tests: readonly Test[]): Test {
  const [first, second] = tests as [Test, Test];
  if (tests.length === 2) return () => first() && second();
  return () => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!()) return false;
    return true;
  };
}

/** Returns whether one of the tests holds, asked in order. */
export function anyOf(tests: readonly Test[]): Test {
  const [first, second] = tests as [Test, Test];
  if (tests.length === 1) return first;
  if (tests.length === 2) return () => first() || second();
  return () => {
    for (let i = 0; i < tests.length; i++) if (tests[i]!()) return true;
    return false;
  };
}
