/**
 * `nfscribe stats`: the counters of a running nfscribe.
 *
 * @module
 */

import { DEFAULT_FILE } from "../config/file.ts";
import { ConfigError, InputError } from "../errors.ts";
import { needsOfSocket, requireNeeds } from "../pipeline/needs.ts";
import { counterLines } from "../pipeline/log.ts";
import type { Command, ParsedOptions } from "./command.ts";
import { absolute, CONFIG, configOf, FLAGS, printFlags } from "./options.ts";

/** `nfscribe stats` */
export const statsCommand: Command = {
  name: "stats",
  summary: "show the counters of a running nfscribe",
  details: `Asks the socket that the configuration names under [stats]. Each row adds up:
what a source received was passed, dropped, failed or timed out at the filter;
what was passed or not is written, spooled, dropped, failed or filtered at each
output.`,
  options: [
    CONFIG,
    { name: "socket", value: "PATH", help: "the socket, instead of the configuration's" },
    { name: "json", help: "print JSON, for machines" },
    FLAGS,
  ],
  examples: [
    ["nfscribe stats -c /etc/nfscribe.toml", "the counters so far"],
    ["nfscribe stats --socket /run/nfscribe.sock --json | jq .outputs", "one part of them"],
  ],
  execute,
};

async function execute(options: ParsedOptions): Promise<number> {
  const { socket } = options;
  const file = options.config ?? DEFAULT_FILE;
  const path = socket === undefined ? await configuredSocket(options, file) : absolute(socket);
  const needs = needsOfSocket(path);
  if (socket === undefined) needs.push({ name: "read", value: file, why: "the configuration" });
  if (options.flags !== undefined) {
    printFlags(needs);
    return 0;
  }
  requireNeeds(needs);
  const text = await ask(path);
  if (options.json !== undefined) console.log(text.trimEnd());
  else console.log(counterLines(JSON.parse(text)).join("\n"));
  return 0;
}

async function configuredSocket(options: ParsedOptions, file: string): Promise<string> {
  const { stats } = await configOf({ ...options, config: file }, "stats");
  if (stats.socket !== undefined) return stats.socket;
  throw new ConfigError(file, [{
    key: "stats.socket",
    message: 'is missing; add [stats] with socket = "/run/nfscribe.sock", and start nfscribe again',
  }]);
}

async function ask(path: string): Promise<string> {
  try {
    using connection = await Deno.connect({ transport: "unix", path });
    return await new Response(connection.readable).text();
  } catch (error) {
    throw new InputError(path, `Cannot ask ${path}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
    return "nobody listens there; is nfscribe running, with this socket under [stats]?";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; only the one that runs nfscribe may ask";
  }
  return error instanceof Error ? error.message : String(error);
}
