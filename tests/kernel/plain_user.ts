/**
 * User without rights, for tests that run as root.
 *
 * @module
 */

import { canRun, must, ROOT, temporaryFolder } from "../system/process.ts";

/** Its id, which is most likely in no user database. */
export const USER = "64321";
/** Id of its group. */
export const GROUP = "64322";

/** Whether this is root that can change to any user: a user namespace may contain only one. */
export const IS_ROOT: boolean = canRun(
  "sh",
  "-c",
  'test "$(id -u)" = 0 && grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map && setpriv --version',
);

/** Command line prefix that runs a command as that user. */
export const AS_USER: readonly string[] = [
  "setpriv",
  `--reuid=${USER}`,
  `--regid=${GROUP}`,
  "--clear-groups",
];

/** Whether that user can read the project's files; named in titles of tests that need it. */
export const MAY_READ_PROJECT: boolean = canRun(
  ...AS_USER,
  "test",
  "-r",
  `${ROOT}main.ts`,
);

/** Copies Deno's cache of packages, readable by every user. */
export async function readableCache(): Promise<{ path: string } & AsyncDisposable> {
  const cache = await temporaryFolder();
  const { npmCache } = JSON.parse(await must([Deno.execPath(), "info", "--json"]));
  await must(["cp", "-r", npmCache, cache.path]);
  await must(["chmod", "-R", "a+rX", cache.path]);
  return cache;
}
