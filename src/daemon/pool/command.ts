/**
 * The program that a sandbox runs: Deno itself, with the fewest rights that let it work.
 *
 * @module
 */

import { environmentVariable } from "../../../ffi/environment.ts";
import { CHECKER, DENO_CONFIG, SANDBOX } from "../../threads.ts";
import { fromFileUrl } from "../../text/file_url.ts";
import type { SandboxStart } from "../../sandbox/setup.ts";

/** The configuration that says what a sandbox's modules import. */
const CONFIG = fromFileUrl(DENO_CONFIG.href);
/** Environment variables that a sandbox always has: where Deno has its cache, time zone and language. */
const VARIABLES = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "TZ", "LANG", "LC_ALL", "LC_TIME"];

/**
 * Returns the command line of a sandbox. It holds nothing of the configuration: every
 * user can read it.
 *
 * @param start Its setup and its seal.
 * @param entry The module that it runs.
 */
export function argumentsOf(
  { seal: { heap, permissions } }: SandboxStart,
  entry: string = SANDBOX,
): string[] {
  // An executable of `deno compile` has its flags built in.
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

/** Whether types can be checked from here: an executable of `deno compile` and a bundle have none. */
export function hasTypes(): boolean {
  return CHECKER !== undefined && !Deno.build.standalone;
}

/**
 * Returns the command line of a process that checks types: its rights are those of
 * `scripts/nfscribe`, which checks them at the start.
 *
 * @param deno The path of Deno.
 * @param folder The folder that it may write to.
 * @param script The script's path.
 */
export function checkerArguments(deno: string, folder: string, script: string): string[] {
  return [
    ...["deno", "run", "--quiet", "--no-prompt", "--no-lock", "--cached-only"],
    ...[`--config=${CONFIG}`, "--allow-ffi", "--allow-read", "--allow-env"],
    ...[`--allow-run=${deno},deno`, `--allow-write=${folder}`],
    ...[CHECKER!, script],
  ];
}

/** The heap limit, and room for one piece of machine code of all that a packet passes. */
function v8Flags(heap: number): string {
  const megabytes = Math.floor(heap / 1024 / 1024);
  return `--max-old-space-size=${megabytes},--max-inlined-bytecode-size-cumulative=4000`;
}

/** Returns the environment of a sandbox: the granted variables, and those that Deno needs. */
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
 * Returns the variables that Deno needs.
 *
 * @param further Names of others that go on to the process.
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

/** Those variables that are set. */
function present(all: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
