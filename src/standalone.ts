/**
 * The sandbox of an executable of `deno compile`, which runs itself for that. In a bundle
 * `standalone.bundle.ts` takes the place of this module.
 *
 * @module
 */

/** Runs the sandbox in this process. */
export async function runSandbox(): Promise<void> {
  await import("./sandbox/entry/main.ts");
}
