/**
 * Runs the sandbox of an executable of `deno compile`, which contains it. A bundle contains
 * `standalone.bundle.ts` instead.
 */

/** Runs the sandbox in this process. */
export async function runSandbox(): Promise<void> {
  await import("./sandbox/entry/main.ts");
}
