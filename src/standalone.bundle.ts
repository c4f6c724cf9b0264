/** Replaces `standalone.ts` in a bundle, where the sandbox is a file of its own. */

/** Throws an error: only an executable of `deno compile` contains its sandbox. */
export function runSandbox(): Promise<void> {
  throw new Error("A bundle cannot be compiled; compile the sources: deno task compile");
}
