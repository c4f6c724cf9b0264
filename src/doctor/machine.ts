/** The machine: platform, kernel, and what this process may do. */

import type { Config } from "../config/config.ts";
import { flagsOf, needsOf } from "../daemon/permissions.ts";
import { isGranted } from "../permission.ts";
import { libcNeed } from "../source/libc_need.ts";
import { quoted } from "../text/shell_quoted.ts";
import { type Finding, fix, ok, skipped } from "../finding.ts";
import { kernelRelease } from "./kernel_reader.ts";

/** The right to the C library, through which everything else is asked. */
const LIBC = libcNeed("netlink sockets, and files of /proc");

/** Returns whether the C library may be used. */
export function mayAskKernel(): boolean {
  return Deno.build.os === "linux" && isGranted(LIBC);
}

/** Findings that take the C library. */
export function withoutLibc(check: string): Finding {
  return skipped(check, `it takes ${flagsOf([LIBC])[0]}`);
}

/** Reports whether the platform is supported. */
export function platform(): Finding {
  const { os, arch, env } = Deno.build;
  if (os !== "linux") {
    return fix("platform", `${os}: netfilter is a part of Linux`, "run nfscribe on Linux");
  }
  const release = mayAskKernel() ? ` ${kernelRelease() ?? ""}` : "";
  const libc = env?.includes("musl") ? "musl" : "glibc";
  return ok("platform", `Linux${release} on ${arch}, ${libc}, Deno ${Deno.version.deno}`);
}

/** Rights of Deno's that `nfscribe run` takes with this configuration. */
export function rights(config: Config, file: string | undefined): Finding {
  const needs = needsOf(config, file);
  const missing = needs.filter((need) => need.isOptional !== true && !isGranted(need));
  if (missing.length === 0) return ok("Deno's rights", "all that nfscribe run needs");
  const what = [...new Set(missing.map(({ name, value }) => value ?? `all of ${name}`))];
  return fix(
    "Deno's rights",
    `${what.length} of those that nfscribe run needs are missing: ${what.join(", ")}`,
    "give deno run these flags as well, or start nfscribe with scripts/nfscribe, which gives them",
    [flagsOf(missing).map(quoted).join(" ")],
  );
}
