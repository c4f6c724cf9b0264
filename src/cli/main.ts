/**
 * The command line: finds the command, runs it, says what went wrong.
 *
 * @module
 */

import { ConfigError, InputError, NetlinkError, OutputError } from "../errors.ts";
import { escaped } from "../pipeline/escape.ts";
import { suggestion } from "../schema.ts";
import { type Command, helpText, parseOptions, UsageError } from "./command.ts";
import { checkCommand } from "./check.ts";
import { dbCommand } from "./db.ts";
import { importCommand } from "./import.ts";
import { rulesCommand } from "./rules.ts";
import { statsCommand } from "./stats.ts";
import { replayCommand } from "./replay.ts";
import { runCommand } from "./run.ts";
import { BAD_USAGE, DONE, FAILED } from "./status.ts";
import { testCommand } from "./test.ts";

const COMMANDS: readonly Command[] = [
  runCommand,
  checkCommand,
  testCommand,
  replayCommand,
  dbCommand,
  statsCommand,
  rulesCommand,
  importCommand,
];

/**
 * Runs a command line.
 *
 * @param args What follows `nfscribe`.
 * @param version What `--version` shows.
 * @returns The exit status, as in `status.ts`.
 */
export async function main(args: readonly string[], version: string): Promise<number> {
  try {
    return await dispatch(args, version);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`nfscribe: ${printable(error.message)}\nTry nfscribe --help`);
      return BAD_USAGE;
    }
    if (error instanceof ConfigError) {
      console.error(printable(error.message).replaceAll(/^/gm, "nfscribe: "));
      return BAD_USAGE;
    }
    if (!isExpected(error)) throw error;
    console.error(`nfscribe: ${printable(error.message)}`);
    return FAILED;
  }
}

async function dispatch(args: readonly string[], version: string): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--version" || name === "-V") {
    console.log(`nfscribe ${version}`);
    return DONE;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    const command = COMMANDS.find((command) => command.name === rest[0]);
    console.log(command === undefined ? overview() : helpText(command));
    return DONE;
  }
  if (name === undefined) throw new UsageError("There is no command");
  const command = COMMANDS.find((command) => command.name === name);
  if (command === undefined) {
    const names = COMMANDS.map(({ name }) => name);
    throw new UsageError(`There is no command "${name}"${suggestion(name, names)}`);
  }
  const options = parseOptions(command, rest);
  if (options.help !== undefined) {
    console.log(helpText(command));
    return DONE;
  }
  return await command.execute(options);
}

/** Lines in which nothing acts on a terminal. */
function printable(message: string): string {
  return message.split("\n").map(escaped).join("\n");
}

function overview(): string {
  return [
    "nfscribe: the scriptable packet logger for Linux firewalls",
    "",
    "Usage: nfscribe COMMAND [OPTION…]",
    "",
    "Commands:",
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)}${summary}`),
    "",
    "nfscribe COMMAND --help tells more. nfscribe --version shows the version.",
  ].join("\n");
}

/** What has its own message, and is no fault of nfscribe's. */
function isExpected(error: unknown): error is Error {
  return error instanceof NetlinkError || error instanceof OutputError ||
    error instanceof InputError ||
    error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.NotSupported ||
    error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied;
}
