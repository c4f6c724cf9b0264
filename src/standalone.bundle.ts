/**
 * Takes the place of `standalone.ts` in a bundle, whose sandbox is a file of its own.
 *
 * @module
 */

/** Fails: only an executable of `deno compile` runs itself as its sandbox. */
export function runSandbox(): Promise<void> {
  throw new Error("A bundle cannot be compiled; compile the sources: deno task compile");
}
