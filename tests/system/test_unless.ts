/**
 * Tests that are left out where they cannot run.
 *
 * @module
 */

/**
 * Defines a test, which is left out where something is missing.
 *
 * @param missing The reason, which the test's name then tells; undefined where nothing is missing.
 */
export function testUnless(
  missing: string | undefined,
  name: string,
  fn: (t: Deno.TestContext) => Promise<void>,
): void {
  const isMissing = missing !== undefined;
  Deno.test({ name: isMissing ? `${name} (${missing})` : name, ignore: isMissing, fn });
}
