/** Configuration files that no option names. */

import { DEFAULT_FILE, readConfigFile, SYSTEM_FILE } from "../config/file.ts";
import { isGranted } from "../permission.ts";
import { ConfigError } from "../errors.ts";
import { currentUser } from "../privileges/user.ts";
import { libcNeed } from "../source/libc_need.ts";
import { changedBy } from "../files/changed_by.ts";
import { unlessAbsent } from "../files/place.ts";
import type { ParsedOptions } from "./command.ts";

const ROOT = 0;

/**
 * Reads the configuration file.
 *
 * @param file Its path.
 * @param options Options that may name it.
 * @param instead Options that do without a file, for the message where there is none.
 * @throws {ConfigError} If it cannot be read, or root must not use it.
 */
export function readFoundFile(
  file: string,
  options: ParsedOptions,
  instead?: string,
): Promise<Record<string, unknown>> {
  requireOwn(file, options);
  return readConfigFile(file, instead);
}

/**
 * Requires that root does not take the file of another user just because it lies in the current
 * folder: a configuration names filters, files to write and where a database's password is sent.
 *
 * @throws {ConfigError} If it is such a file.
 */
export function requireOwn(file: string, options: ParsedOptions): void {
  if (options.config !== undefined) return;
  if (file === SYSTEM_FILE) sayFound(options);
  if (file !== DEFAULT_FILE) return;
  // Without the C library root is not known; a user who gives rights by hand names the file.
  if (!isGranted(libcNeed("who runs it")) || currentUser() !== ROOT) return;
  const link = unlessAbsent(() => Deno.lstatSync(file));
  const target = unlessAbsent(() => Deno.statSync(file));
  const why = [link, target].map((info) => info && changedBy(info)).find((who) => who);
  if (why === undefined) return;
  throw new ConfigError(file, [{
    key: "",
    message: "root does not use a configuration that others may change because it lies in the " +
      `current folder, and ${why}; look at it, and name it: -c ./${DEFAULT_FILE}`,
  }]);
}

let isSaid = false;

/** Says once on a terminal that the file of the service was taken; other output stays as it was. */
function sayFound({ flags }: ParsedOptions): void {
  if (isSaid || flags !== undefined || !Deno.stderr.isTerminal()) return;
  isSaid = true;
  console.error(`nfscribe: there is no ${DEFAULT_FILE} here: taking ${SYSTEM_FILE}`);
}
