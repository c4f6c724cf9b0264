/** The host's name, which only the privileged process may read. */

import type { Need } from "../permission.ts";

/** Options with the host's name. */
export type WithHostname<Options> = Options & { hostname: string };

/**
 * Adds the host's name if the options lack it.
 *
 * @param options The options, in which `hostname` may be missing.
 * @param what The records that contain the name, such as `rows`.
 * @returns The options with the name.
 * @throws {Deno.errors.NotCapable} If it is missing and may not be read.
 */
export function withHostname<Options extends { hostname?: string }>(
  options: Options,
  what: string,
): WithHostname<Options> {
  const { hostname } = options;
  if (hostname !== undefined) return { ...options, hostname };
  try {
    return { ...options, hostname: Deno.hostname() };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new Deno.errors.NotCapable(
      `Cannot read the host's name for ${what}: Deno was started without that right; ` +
        'run again with --allow-sys=hostname, or set hostname = "…" in the output\'s table',
    );
  }
}

/** Returns the permission to read the name, if the options lack it. */
export function hostnameNeeds({ hostname }: { hostname?: string }, what: string): Need[] {
  if (hostname !== undefined) return [];
  return [{ name: "sys", value: "hostname", why: `${what} name the host` }];
}
