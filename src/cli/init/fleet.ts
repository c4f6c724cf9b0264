/** The files of a fleet, which `nfscribe init --fleet` writes. */

import { OutputError } from "../../errors.ts";
import { readText } from "../../files/regular_file.ts";
import type { FleetFiles, FleetMaker } from "../../output/fleet.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { ALL_OUTPUTS } from "../part_options.ts";
import { DONE } from "../status.ts";
import { isThere, makeFolder, nextSteps, replace, requireFree, write } from "./files.ts";
import { commandWord } from "./place.ts";
import { type InitAnswers, outputTables, sourceTable } from "./texts.ts";

/** The output that sends, and the one behind the centre where none is named. */
const SENDING = ALL_OUTPUTS.find(({ fleet }) => fleet !== undefined)!;
const STORE = ALL_OUTPUTS.find(({ init }) => init.natLog !== undefined)!;

/** Names that can be those of hosts, of folders and in a shell. */
const NAME = /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i;
/** Hosts whose lines a configuration of servers holds well. */
const HOSTS_MAX = 1000;
/** Modes of files; the owner alone reads a secret. */
const [OPEN, SECRET, PUBLIC] = [0o640, 0o600, 0o644];

/**
 * Writes the files of a fleet and reports what to do next.
 *
 * @param folder The folder, with `/` at its end.
 * @param answers Sources of the hosts and outputs of the centre.
 * @returns The exit status.
 * @throws {UsageError} If an option cannot be used.
 * @throws {OutputError} If a file cannot be written.
 */
export async function initFleet(
  folder: string,
  options: ParsedOptions,
  answers: InitAnswers,
): Promise<number> {
  if (options.rules !== undefined) {
    throw new UsageError("--rules does not go with --fleet: each host has rules of its own");
  }
  const hosts = namesOf(options, "fleet");
  const known = options.servers === undefined ? serversIn(`${folder}servers`) : [];
  const servers = known.length > 0 ? known : namesOf(options, "servers");
  const make: FleetMaker = await SENDING.fleet!();
  const { sources, copyRange } = answers;
  const named = ALL_OUTPUTS.some(({ type }) => options[type] !== undefined);
  const outputs = named ? answers.outputs : [{ type: STORE, value: STORE.init.natLog! }];
  const { files, steps, users } = make({
    hosts,
    servers,
    sources: sources.map((source) => sourceTable(source, copyRange)).join("\n"),
    outputs: outputTables({ ...answers, outputs }).join("\n"),
  });
  if (known.length > 0) return await addHosts(folder, options, hosts, { files, users });
  const tops = [...new Set(files.map(({ path }) => path.split("/")[0]!))];
  requireFree(folder, tops);
  for (const { path, text, isSecret } of files) {
    const place = `${folder}${path}`;
    await makeFolder(place.slice(0, place.lastIndexOf("/")));
    await write(place, text, isSecret === true ? SECRET : OPEN);
  }
  const lines = steps.map(([line, help]) =>
    [line.replace(/^nfscribe(?= )/, () => commandWord()), help] as const
  );
  const advice =
    `Copy each folder of hosts/ to its host, and ${tops.at(-1)}/ to the machine of the ` +
    "centre:\nnfscribe.nk is the key by which the servers know it. docs/fleet.md tells the rest.";
  console.log(nextSteps(options.folder, tops, lines, advice));
  return DONE;
}

/**
 * Adds hosts to a fleet that is there.
 *
 * @returns The exit status.
 * @throws {OutputError} If one is there already, or a file cannot be read or written.
 */
async function addHosts(
  folder: string,
  options: ParsedOptions,
  hosts: readonly string[],
  { files, users }: Pick<FleetFiles, "files" | "users">,
): Promise<number> {
  const folders = hosts.map((host) => `hosts/${host}`);
  requireFree(folder, folders);
  const place = `${folder}${users.path}`;
  const { text } = readText(place);
  const at = text.indexOf(users.before);
  if (at < 0) {
    throw new OutputError(
      place,
      `Cannot add hosts to ${place}: it has no line "${users.before.trim()}", before which they go; ` +
        "write that line in front of the centre's user",
    );
  }
  for (const { path, text, isSecret } of files) {
    if (!folders.some((host) => path.startsWith(`${host}/`))) continue;
    await makeFolder(`${folder}${path.slice(0, path.lastIndexOf("/"))}`);
    await write(`${folder}${path}`, text, isSecret === true ? SECRET : OPEN);
  }
  const authority = `${folder}ca.pem`;
  for (const host of folders) {
    if (isThere(authority)) {
      await write(`${folder}${host}/ca.pem`, readText(authority).text, PUBLIC);
    }
  }
  await replace(place, text.slice(0, at) + users.text + text.slice(at), OPEN);
  const lines = [
    ["sh install-server NAME", `on each server, with the new ${users.path}: it is read anew`],
    [
      `${commandWord()} run -c ${folders[0]}/nfscribe.toml`,
      "on each new host, with its own folder",
    ],
  ] as const;
  const advice = `Servers that are no service take ${users.path} by nats-server --signal reload.`;
  console.log(nextSteps(options.folder, [...folders, users.path], lines, advice));
  return DONE;
}

/** Returns the names of a fleet's servers, by their configurations; none where there is no fleet. */
function serversIn(folder: string): string[] {
  if (!isThere(`${folder}/users.conf`)) return [];
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".conf") && name !== "users.conf")
    .map((name) => name.slice(0, -".conf".length)).sort();
}

/** Returns the names in an option's list. */
function namesOf(options: ParsedOptions, option: "fleet" | "servers"): string[] {
  const given = options[option] ?? "localhost";
  const names = given.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) {
    throw new UsageError(
      `--${option} must be names with commas in between, as in web1,web2, not "${given}"`,
    );
  }
  if (new Set(names).size < names.length) throw new UsageError(`--${option} has a name twice`);
  if (names.length > HOSTS_MAX) {
    throw new UsageError(
      `--${option} has more than ${HOSTS_MAX} names; see docs/fleet.md for keys of an operator`,
    );
  }
  return names;
}
