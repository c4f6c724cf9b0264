/** Opens the page in the desktop's browser. */

import { messageOf } from "../../errors.ts";
import type { Need } from "../../permission.ts";

/** The program of desktops that opens addresses (xdg-utils). */
const PROGRAM = "xdg-open";

/** Returns the right to start it. */
export function openNeed(): Need {
  return { name: "run", value: PROGRAM, why: "--open" };
}

/**
 * Opens an address.
 *
 * @param warn Takes the reason if that fails: the address is printed, too.
 */
export async function openInBrowser(url: string, warn: (message: string) => void): Promise<void> {
  try {
    const command = new Deno.Command(PROGRAM, { args: [url], stdout: "null", stderr: "null" });
    const { success } = await command.output();
    if (!success) warn(`Cannot open a browser: ${PROGRAM} failed; open the address by hand`);
  } catch (error) {
    warn(`Cannot open a browser: ${PROGRAM}: ${messageOf(error)}; open the address by hand`);
  } finally {
    Deno.permissions.revokeSync({ name: "run" });
  }
}
