/** Subject and address of the web page, from the configuration file and from options. */

import { type Address, parseAddress } from "../../config/address.ts";
import { checkConfig, type Config } from "../../config/config.ts";
import { foundFile } from "../../config/file.ts";
import { checkOptions } from "../../config/table.ts";
import { webEntries, type WebOptions, webProblems } from "../../config/web.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { Database } from "../../output/define.ts";
import type { ActionPatterns } from "../../packet/actions.ts";
import { isTable } from "../../schema.ts";
import { absolute } from "../../text/path.ts";
import { oneOf, type ParsedOptions, UsageError } from "../command.ts";
import { databaseOutputOf, SHOWN } from "../db/options.ts";
import { readFoundFile } from "../found_config.ts";
import { SOURCE_EXAMPLE } from "../part_options.ts";
import type { StoreTarget } from "../../web/store/messages.ts";

/** Options of the command line that stand for keys of `[web]`. */
const OPTIONS: Readonly<Record<string, string>> = {
  listen: "listen",
  "host-name": "hosts",
  output: "output",
  "token-file": "token_file",
  "tls-certificate": "tls_certificate",
  "tls-key": "tls_key",
  cleartext: "cleartext",
};

/** Types of databases that can be shown, in messages. */
const TYPES = oneOf(SHOWN.map(({ type }) => type));

/** Database that is shown. */
export interface ShownStore {
  target: StoreTarget;
  database: Database;
}

/** Subject and address of the page. */
export interface WebSettings {
  web: WebOptions;
  address: Address;
  store: ShownStore | undefined;
  /** The daemon's socket for counters; undefined for none. */
  socket: string | undefined;
  actions: ActionPatterns;
  config: Config | undefined;
  /** The configuration file; undefined where none is read. */
  file: string | undefined;
}

/**
 * Puts the options together.
 *
 * @throws {ConfigError} If the configuration, or an option in its place, is wrong.
 * @throws {UsageError} If there is nothing to show, or several databases.
 */
export async function settingsOf(given: ParsedOptions): Promise<WebSettings> {
  const named = SHOWN.find(({ type }) => given[type] !== undefined);
  const isNamed = named !== undefined || given.socket !== undefined;
  const file = given.config ?? (isNamed ? undefined : foundFile());
  const config = file === undefined ? undefined : await configOf(file, given);
  const web = config?.web ?? webOf(given, {}, undefined);
  const store = await storeOf(given, config, file, web);
  const { socket = config?.stats.socket } = given;
  if (store === undefined && socket === undefined) throw new UsageError(nothingToShow(file));
  return {
    web,
    address: parseAddress(web.listen)!,
    store,
    socket: socket === undefined ? undefined : absolute(socket),
    actions: config?.actions ?? {},
    config,
    file,
  };
}

/** Reads and checks the configuration, and puts the options into its table. */
async function configOf(file: string, given: ParsedOptions): Promise<Config> {
  const value = await readFoundFile(file, given);
  // The table of the file is checked as it is; then that with the options.
  const config = checkConfig(value, file);
  const table = isTable(value.web) ? value.web : {};
  return { ...config, web: webOf(given, table, file) };
}

/** Checks the options of `[web]`. */
function webOf(
  given: ParsedOptions,
  table: Record<string, unknown>,
  file: string | undefined,
): WebOptions {
  const told = Object.entries(OPTIONS).flatMap(([option, key]): [string, unknown][] => {
    const value = given[option];
    if (value === undefined) return [];
    return [[key, key === "hosts" ? value.split("\n") : key === "cleartext" ? true : value]];
  });
  const problems: ConfigProblem[] = [];
  const web = checkOptions(webEntries, { ...table, ...Object.fromEntries(told) }, "", problems);
  problems.push(...webProblems(web));
  if (problems.length === 0) return web;
  throw new ConfigError(
    file ?? "nfscribe web",
    problems.map(({ key, message }) => {
      const option = Object.keys(OPTIONS).find((name) => OPTIONS[name] === key);
      const isOption = file === undefined || option !== undefined && given[option] !== undefined;
      return { key: isOption && option !== undefined ? `--${option}` : `web.${key}`, message };
    }),
  );
}

async function storeOf(
  given: ParsedOptions,
  config: Config | undefined,
  file: string | undefined,
  web: WebOptions,
): Promise<ShownStore | undefined> {
  const named = SHOWN.some(({ type }) => given[type] !== undefined);
  const shown = config?.outputs.filter(({ type }) => SHOWN.some((one) => one.type === type)) ?? [];
  if (!named && shown.length === 0) return undefined;
  const only = shown.length === 1 ? shown[0]!.name : undefined;
  const { output = web.output ?? only } = given;
  const { type, options } = await databaseOutputOf({
    ...given,
    ...!named && file !== undefined && { config: file },
    ...!named && output !== undefined && { output },
  }, false);
  if (type.isShown !== true) {
    throw new UsageError(
      `web shows ${TYPES} alone; nfscribe db query reads a database of type ${type.type}`,
    );
  }
  const database = await type.database(options);
  return { target: { type: type.type, options }, database };
}

/** Returns the two lines that make something to show. */
function nothingToShow(file: string | undefined): string {
  const { type, shorthand } = SHOWN.find(({ shorthand }) => shorthand.value === "FILE")!;
  const store = `--${type} ${shorthand.example}`;
  const where = file === undefined
    ? ""
    : `${file} has no database of type ${TYPES}, and no [stats] socket. `;
  return `${where}There is nothing to show yet; these two lines make it:\n` +
    `  nfscribe run ${SOURCE_EXAMPLE} ${store}\n  nfscribe web ${store}`;
}
