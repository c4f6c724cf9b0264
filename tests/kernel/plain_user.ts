/**
 * A user without rights, for tests that are started as root.
 *
 * @module
 */

import { canRun, must, ROOT, temporaryFolder } from "../system/process.ts";

/** Its number, which the system does not know, most likely. */
export const USER = "64321";
/** Its group's number. */
export const GROUP = "64322";

/** Whether this is root who may become anybody: in a user namespace there may be one user only. */
export const IS_ROOT: boolean = canRun(
  "sh",
  "-c",
  'test "$(id -u)" = 0 && grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map && setpriv --version',
);

/** The words that run a command as that user. */
export const AS_USER: readonly string[] = [
  "setpriv",
  `--reuid=${USER}`,
  `--regid=${GROUP}`,
  "--clear-groups",
];

/** Whether that user may read the project's files; name it in a test that is ignored without. */
export const MAY_READ_PROJECT: boolean = canRun(
  ...AS_USER,
  "test",
  "-r",
  `${ROOT}main.ts`,
);

/** A copy of Deno's cache of packages that every user may read. */
export async function readableCache(): Promise<{ path: string } & AsyncDisposable> {
  const cache = await temporaryFolder();
  const { npmCache } = JSON.parse(await must([Deno.execPath(), "info", "--json"]));
  await must(["cp", "-r", npmCache, cache.path]);
  await must(["chmod", "-R", "a+rX", cache.path]);
  return cache;
}
