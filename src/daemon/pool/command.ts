/**
 * Builds the command line and environment of a sandbox: Deno itself, with the fewest rights that it
 * needs.
 */

import { environmentVariable } from "../../../ffi/environment.ts";
import { CHECKER, DENO_CONFIG, SANDBOX } from "../../threads.ts";
import { fromFileUrl } from "../../text/file_url.ts";
import type { SandboxStart } from "../../sandbox/setup.ts";

/** Configuration with the import map of a sandbox's modules. */
const CONFIG = fromFileUrl(DENO_CONFIG.href);
/** Environment variables that a sandbox always has: Deno's cache, time zone and language. */
const VARIABLES = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "TZ", "LANG", "LC_ALL", "LC_TIME"];

/**
 * Returns the command line of a sandbox. It contains nothing of the configuration, since every user
 * can read it.
 *
 * @param start Setup and seal.
 * @param entry Module to run.
 */
export function argumentsOf(
  { seal: { heap, permissions } }: SandboxStart,
  entry: string = SANDBOX,
): string[] {
  // Executables of `deno compile` contain their flags.
  if (Deno.build.standalone) {
    return ["nfscribe", "__sandbox"];
  }
  return [
    ...["deno", "run", "--quiet", "--no-prompt", "--no-code-cache", "--no-lock", "--cached-only"],
    ...[`--config=${CONFIG}`, `--v8-flags=${v8Flags(heap)}`],
    "--allow-ffi",
    ...Object.entries(permissions).map(([name, granted]) =>
      granted === true ? `--allow-${name}` : `--allow-${name}=${granted.join(",")}`
    ),
    entry,
  ];
}

/** Returns whether types can be checked: executables of `deno compile` and bundles contain none. */
export function hasTypes(): boolean {
  return CHECKER !== undefined && !Deno.build.standalone;
}

/**
 * Returns the command line of a process that checks types, with the rights of `scripts/nfscribe`,
 * which checks them at the start.
 *
 * @param deno Path of Deno.
 * @param folder Folder that it may write to.
 * @param script Path of the script.
 */
export function checkerArguments(deno: string, folder: string, script: string): string[] {
  return [
    ...["deno", "run", "--quiet", "--no-prompt", "--no-lock", "--cached-only"],
    ...[`--config=${CONFIG}`, "--allow-ffi", "--allow-read", "--allow-env"],
    ...[`--allow-run=${deno},deno`, `--allow-write=${folder}`],
    ...[CHECKER!, script],
  ];
}

/**
 * Returns the heap limit, and an inlining limit that keeps a packet's whole path in one function.
 */
function v8Flags(heap: number): string {
  const megabytes = Math.floor(heap / 1024 / 1024);
  return `--max-old-space-size=${megabytes},--max-inlined-bytecode-size-cumulative=4000`;
}

/** Returns the environment of a sandbox: granted variables, and those that Deno needs. */
export function environmentOf(
  { seal: { permissions: { env }, heap } }: SandboxStart,
): Record<string, string> {
  const granted = env === true
    ? Deno.env.toObject()
    : Object.fromEntries((env ?? []).map((name) => [name, Deno.env.get(name)]));
  return {
    ...present({ ...granted }),
    ...ownEnvironment(),
    ...Deno.build.standalone && { DENO_V8_FLAGS: v8Flags(heap) },
  };
}

/**
 * Returns the environment variables that Deno needs.
 *
 * @param further Names of further variables to pass on.
 */
export function ownEnvironment(further: readonly string[] = []): Record<string, string> {
  const names = [...VARIABLES, ...further];
  return {
    ...present(Object.fromEntries(names.map((name) => [name, environmentVariable(name)]))),
    NO_COLOR: "1",
    MALLOC_ARENA_MAX: "1",
    DENO_NO_UPDATE_CHECK: "1",
  };
}

/** Returns the variables that are set. */
function present(all: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
