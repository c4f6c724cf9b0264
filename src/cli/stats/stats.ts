/** Runs `nfscribe stats`: the counters of a running nfscribe. */

import { usualFile } from "../../config/file.ts";
import { InputError, messageOf } from "../../errors.ts";
import { needsOfSocket, requireNeeds } from "../../daemon/permissions.ts";
import { jsonLine } from "../../text/escape.ts";
import { readCounters, type Stats } from "../../daemon/telemetry/stats_client.ts";
import type { ParsedOptions } from "../command.ts";
import { printFlags } from "../options.ts";
import { keyboardNeeds } from "../keys/needs.ts";
import { giveUpAll } from "../rights.ts";
import { statsSocket } from "../stats_socket.ts";
import { statsTable } from "./table.ts";
import { watchStats } from "./watch.ts";
import { DONE } from "../status.ts";

/** Time limit of the answer, in milliseconds. */
const DEADLINE_MS = 10_000;

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const { socket } = options;
  const file = options.config ?? usualFile();
  const path = await statsSocket(options, "stats");
  const needs = needsOfSocket(path);
  if (socket === undefined) needs.push({ name: "read", value: file, why: "the configuration" });
  // For keys.
  if (options.watch !== undefined) needs.push(...keyboardNeeds());
  if (options.flags !== undefined) {
    printFlags(needs, options);
    return DONE;
  }
  requireNeeds(needs);
  const { json, watch } = options;
  if (watch !== undefined) {
    await watchStats(path, () => ask(path), json !== undefined);
    return DONE;
  }
  // scripts/nfscribe gives it more than it needs; what listens there may be another program.
  const counters = await ask(path, giveUpAll);
  if (json !== undefined) console.log(jsonLine(counters));
  else console.log(statsTable(counters).join("\n"));
  return DONE;
}

async function ask(path: string, onConnect?: () => void): Promise<Stats> {
  try {
    return await readCounters(path, DEADLINE_MS, onConnect);
  } catch (error) {
    throw new InputError(path, `Cannot ask ${path}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
    return "no process listens there; is nfscribe running, with this socket under [stats]?";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; only the one that runs nfscribe may ask";
  }
  return messageOf(error);
}
