/** Options of watching a running nfscribe. */

import { COUNTED } from "../../accounting.ts";
import { TRACKED } from "../../conntrack.ts";
import { expression } from "../../filter/expression/expression.ts";
import { usualFile } from "../../config/file.ts";
import type { Need } from "../../permission.ts";
import { isTable } from "../../schema.ts";
import { libcNeed } from "../../source/libc_need.ts";
import { absolute } from "../../text/path.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { checked } from "../expression.ts";
import { readFoundFile } from "../found_config.ts";
import { statsSocket } from "../stats_socket.ts";
import { fileOf, namesSource, whereOf } from "./config.ts";
import { Running } from "./running.ts";

/** Options of groups and filters of this process. */
const OF_ITS_OWN = [
  "group",
  TRACKED,
  COUNTED,
  "copy-range",
  "filter",
  "outputs",
  "permissions",
];

/**
 * Returns whether options name a running nfscribe.
 *
 * @throws {UsageError} If they name something to read besides.
 */
export function namedRunning(options: ParsedOptions): boolean {
  const { running, socket } = options;
  if (running === undefined && socket === undefined) return false;
  const other = OF_ITS_OWN.find((name) => options[name] !== undefined);
  if (other === undefined) return true;
  const named = running === undefined ? "socket" : "running";
  throw new UsageError(`--${named} shows what another nfscribe receives; leave --${other} out`);
}

/**
 * Returns the expression that chooses records.
 *
 * @throws {UsageError} If it is none.
 */
export function runningWhere(options: ParsedOptions): string | undefined {
  const where = whereOf(options);
  if (where !== undefined) checked(() => expression(where));
  return where;
}

/** Returns the rights to watch it. */
export function runningNeeds({ config, socket }: ParsedOptions): Need[] {
  const needs = [libcNeed("Unix sockets")];
  if (socket !== undefined) return needs;
  return [...needs, { name: "read", value: config ?? usualFile(), why: "the configuration" }];
}

/**
 * Connects to the nfscribe that options name.
 *
 * @throws {InputError} If it cannot be watched.
 * @throws {ConfigError} If the configuration names no socket.
 */
export async function openRunning(options: ParsedOptions): Promise<Running> {
  return await Running.open(await statsSocket(options, "watch"));
}

/**
 * Connects to the nfscribe that runs with the configuration, where options name neither it nor
 * anything else.
 *
 * @returns Undefined if none runs, or options ask for groups of their own.
 * @throws {InputError} If one runs and cannot be watched.
 */
export async function openIfRunning(options: ParsedOptions): Promise<Running | undefined> {
  if (namesSource(options) || OF_ITS_OWN.some((name) => options[name] !== undefined)) return;
  const { stats } = await readFoundFile(fileOf(options)!, options);
  const socket = isTable(stats) ? stats.socket : undefined;
  return typeof socket === "string" ? await Running.find(absolute(socket)) : undefined;
}
