/**
 * A later version of nfscribe.
 *
 * @module
 */

import { must, ROOT } from "../../system/process.ts";

/**
 * Copies the checkout, as a later version, 99.0.0.
 *
 * @param folder The folder of the copy; it is made if it is missing.
 */
export async function laterVersion(folder: string): Promise<void> {
  const copy = `cd "$1"
mkdir -p "$2"
git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$2"
sed -i 's/^  "version": ".*",/  "version": "99.0.0",/' "$2/deno.json"`;
  await must(["sh", "-ec", copy, "sh", ROOT, folder]);
}
