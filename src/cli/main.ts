/** The command line: finds the command, runs it, says what went wrong. */

import { ConfigError, InputError, NetlinkError, OutputError } from "../errors.ts";
import { escapedLines } from "../text/escape.ts";
import { suggestion } from "../schema.ts";
import { parseOptions, UsageError } from "./command.ts";
import type { Commands } from "./command_line.ts";
import { commandHelp, overview, SHORT_HELP } from "./help/help.ts";
import { quoted } from "../text/shell_quoted.ts";
import { terminalSize, writeWithin } from "../terminal/stream.ts";
import { fold } from "../terminal/width.ts";
import { BAD_USAGE, DONE, FAILED } from "./status.ts";

/** Time for the reader of standard error, in milliseconds. */
const TELL_MS = 1000;

/**
 * Runs a command line.
 *
 * @param args What follows `nfscribe`.
 * @param version What `--version` shows.
 * @param commands The commands that there are.
 * @returns The exit status, as in `status.ts`.
 */
export async function main(
  args: readonly string[],
  version: string,
  commands: Commands,
): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined) {
      console.error(SHORT_HELP);
      return BAD_USAGE;
    }
    return await dispatch(name, rest, version, commands);
  } catch (error) {
    return await failure(error, commands.names.includes(name!) ? `${name} --help` : "--help");
  }
}

async function dispatch(
  name: string,
  rest: readonly string[],
  version: string,
  commands: Commands,
): Promise<number> {
  switch (name) {
    case "--version":
    case "-V":
      console.log(`nfscribe ${version}`);
      return DONE;
    case "--help":
    case "-h":
    case "help":
      console.log(await helpFor(rest[0], commands));
      return DONE;
  }
  if (name.startsWith("-")) {
    throw new UsageError(await commandFirst([name, ...rest], commands.names));
  }
  checkName(name, commands);
  // A file that is called so can be written ./help.
  const isHelp = rest.length === 1 && rest[0] === "help";
  const command = await commands.one(name);
  const options = parseOptions(command, isHelp ? ["--help"] : rest);
  if (options.help !== undefined) {
    console.log(commandHelp(command));
    return DONE;
  }
  const isForShell = options["shell-flags"] !== undefined;
  return await command.execute(isForShell ? { ...options, flags: "" } : options);
}

async function helpFor(name: string | undefined, commands: Commands): Promise<string> {
  if (name === undefined || name.startsWith("-") || name === "help") {
    return overview(await commands.sections());
  }
  checkName(name, commands);
  return commandHelp(await commands.one(name));
}

function checkName(name: string, { names }: Commands): void {
  if (names.includes(name)) return;
  throw new UsageError(`There is no command "${name}"${suggestion(name, names)}`);
}

/** Returns the message for options before the command. */
async function commandFirst(
  args: readonly string[],
  names: readonly string[],
): Promise<string> {
  const index = args.findIndex((arg) => names.includes(arg));
  if (index < 0) {
    const { OUTPUT_EXAMPLE, SOURCE_EXAMPLE } = await import("./part_options.ts");
    return `The command comes first, as in nfscribe run ${SOURCE_EXAMPLE} ${OUTPUT_EXAMPLE}`;
  }
  const words = [args[index]!, ...args.slice(0, index), ...args.slice(index + 1)];
  return `The command comes first: nfscribe ${words.map(quoted).join(" ")}`;
}

/** Says what went wrong; returns the exit status. */
async function failure(error: unknown, help: string): Promise<number> {
  if (error instanceof UsageError) {
    await tell(`nfscribe: ${escapedLines(error.message)}\nTry nfscribe ${help}`);
    return BAD_USAGE;
  }
  if (error instanceof ConfigError) {
    await tell(escapedLines(error.message).replaceAll(/^/gm, "nfscribe: "));
    await hintAtGroup(error.file);
    return BAD_USAGE;
  }
  if (!isExpected(error)) throw error;
  await tell(`nfscribe: ${escapedLines(error.message)}`);
  if (error instanceof InputError) await hintAtGroup(error.source);
  return FAILED;
}

/** Prints a hint where a number, in place of a file, may be meant for a group. */
async function hintAtGroup(file: string): Promise<void> {
  const number = /^(?:\w+:)?(\d+)$/.exec(file)?.[1];
  if (number === undefined) return;
  await tell(`A group is named as in nfscribe run --group ${number}; "${number}" is a file here`);
}

/** Says what is wrong, on a terminal in its width; a reader that hangs does not delay the exit. */
async function tell(message: string): Promise<void> {
  const text = Deno.stderr.isTerminal() ? fold(message, terminalSize().columns) : message;
  await writeWithin(Deno.stderr, `${text}\n`, TELL_MS);
}

/** Errors that have a message for users, and are no fault of nfscribe's. */
function isExpected(error: unknown): error is Error {
  return error instanceof NetlinkError || error instanceof OutputError ||
    error instanceof InputError ||
    error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.NotSupported ||
    error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied;
}
