/**
 * Lists the rights that a configuration needs: `check` prints them, and a start compares them with
 * the rights that Deno has.
 */

import type { Config } from "../config/config.ts";
import { queueOf } from "../config/outputs.ts";
import { ConfigError } from "../errors.ts";
import { escaped } from "../text/escape.ts";
import { outputs } from "../output/outputs.ts";
import { hasControl, liesIn, NO_CONTROL } from "../text/path.ts";
import { quoted } from "../text/shell_quoted.ts";
import { isGranted, type Need } from "../permission.ts";
import { ownerNeeds } from "../files/place.ts";
import { libcNeed } from "../source/libc_need.ts";
import { serviceNeeds } from "../systemd/environment.ts";
import { sources } from "../source/sources.ts";
import { metricsNeed } from "./telemetry/metrics_server.ts";
import { socketNeeds } from "./telemetry/stats_server.ts";

/** Message about a path with a comma: Deno's flags separate paths by commas and have no escape. */
const COMMA = "Deno's flags cannot name a path with a comma; choose another one";

/** Reason of a right that the filter is granted. */
export const PERMISSION = "filter.permissions grants it";

/**
 * Returns all rights that a configuration needs, each with its reason.
 *
 * @param config A checked configuration.
 * @param file The configuration file; undefined without one.
 */
export function needsOf(config: Config, file: string | undefined): Need[] {
  const needs: Need[] = [];
  if (file !== undefined) needs.push({ name: "read", value: file, why: "the configuration" });
  for (const { name, type, options } of config.sources) {
    for (const need of sources[type]!.permissions(options)) {
      needs.push({ ...need, why: `source ${name}: ${need.why}` });
    }
  }
  for (const part of config.outputs) {
    const { name, type, options } = part;
    for (const need of outputs[type]!.permissions(options)) {
      needs.push({ ...need, why: `output ${name}: ${need.why}` });
    }
    const spool = queueOf(part)?.spool;
    if (spool === undefined) continue;
    for (const right of ["read", "write"] as const) {
      needs.push({ name: right, value: spool, why: `output ${name}: the spool` });
    }
  }
  if (config.user !== undefined) needs.push(libcNeed("to become another user"));
  if (config.log.file !== "-") {
    for (const right of ["read", "write"] as const) {
      needs.push({ name: right, value: config.log.file, why: "the log" });
    }
    needs.push(...ownerNeeds(config.log.file));
  }
  if (config.stats.socket !== undefined) needs.push(...needsOfSocket(config.stats.socket));
  if (config.stats.metrics !== undefined) needs.push(metricsNeed(config.stats.metrics));
  needs.push(...serviceNeeds());
  needs.push({
    name: "ffi",
    value: undefined,
    why: "the sandbox: a process, and memory shared with it",
  });
  const script = config.filter?.script;
  if (script !== undefined) {
    const value = script.slice(0, script.lastIndexOf("/") + 1) || ".";
    needs.push({ name: "read", value, why: "the filter's script, and what it imports" });
  }
  return [...needs, ...permissionNeeds(config)];
}

/** Returns the rights that a filter is granted. */
export function permissionNeeds({ filter }: Config): Need[] {
  return Object.entries(filter?.permissions ?? {}).flatMap(([name, granted]) =>
    (granted === true ? [undefined] : granted).map((value): Need => ({
      name: name as Need["name"],
      value,
      why: PERMISSION,
    }))
  );
}

/** Returns the rights for the counters' socket, to listen on it and to connect to it. */
export function needsOfSocket(path: string): Need[] {
  return socketNeeds(path, "the socket for counters");
}

/**
 * Returns the `--allow-…` flags for needs, one for each kind of right.
 *
 * @throws {ConfigError} If a path, or another name, cannot be written in a flag.
 */
export function flagsOf(needs: readonly Need[]): string[] {
  const kinds = new Map<string, Set<string> | undefined>();
  for (const { name, value } of needs) {
    if (value !== undefined) requireWritable(value);
    const known = kinds.get(name);
    if (value === undefined) kinds.set(name, undefined);
    else if (!kinds.has(name)) kinds.set(name, new Set([value]));
    else known?.add(value);
  }
  return [...kinds].sort(([a], [b]) => a < b ? -1 : 1).map(([name, values]) =>
    values === undefined ? `--allow-${name}` : `--allow-${name}=${outermost(values).join(",")}`
  );
}

function requireWritable(value: string): void {
  const message = value.includes(",") ? COMMA : hasControl(value) ? NO_CONTROL : undefined;
  if (message !== undefined) throw new ConfigError(escaped(value), [{ key: "", message }]);
}

/**
 * Returns the paths that are not inside another one of them; other values have no `/` at the end.
 */
function outermost(values: ReadonlySet<string>): string[] {
  return [...values].filter((value) => ![...values].some((other) => liesIn(value, other)));
}

/**
 * Compares needs with the rights of this process.
 *
 * @throws {Deno.errors.NotCapable} If some are missing; one message names them all.
 */
export function requireNeeds(needs: readonly Need[]): void {
  const missing = needs.filter((need) => need.isOptional !== true && !isGranted(need));
  if (missing.length === 0) return;
  const reasons = missing.map(({ name, value, why }) =>
    `  ${name}${value === undefined ? "" : ` ${value}`}: ${why}`
  );
  throw new Deno.errors.NotCapable(
    `Cannot start: Deno was started without rights that this configuration needs; ` +
      `run again with ${flagsOf(missing).map(quoted).join(" ")}\n${reasons.join("\n")}`,
  );
}
