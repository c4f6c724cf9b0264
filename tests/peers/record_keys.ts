/**
 * Logs the same packets with nfscribe and with ulogd, in all formats that print ulogd's keys.
 *
 * @module
 */

import { Packet } from "../../src/packet/packet.ts";
import { Ulogd2JsonEncoder } from "../../src/output/json/ulogd2.ts";
import type { Ulogd2Options } from "../../src/output/json/ulogd2_options.ts";
import { PLUGINS as KEY_PLUGINS } from "../../src/output/ulogd/options.ts";
import { startNfscribe } from "../kernel/nfscribe.ts";
import { captureSoon } from "../kernel/traffic.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { type Format, FORMATS, PLUGINS, records } from "./key_formats.ts";
import { KEYS_STACK, startUlogdStacks, type UlogdOutput } from "./ulogd.ts";
import type { Wire } from "./replay.ts";

/** A packet and its records in one format. */
export interface KeyRecord {
  format: Format;
  packet: Packet;
  /** ulogd's record. */
  theirs: string;
  /** nfscribe's record. */
  ours: string;
}

/** A plugin of ulogd that adds keys. */
export type KeyPlugin = typeof KEY_PLUGINS[number];

/** NFLOG groups of ulogd, of nfscribe, and of the test itself. */
export const GROUPS = { ulogd: 921, nfscribe: 922, test: 923 } as const;

/** Options of {@linkcode recordKeys}. */
export interface RecordKeysOptions {
  /** Lays rules that log to {@linkcode GROUPS}. */
  lay(folder: string): Promise<Wire>;
  /** Sends packets, and returns once they have been counted. */
  send(wire: Wire): Promise<void>;
  /**
   * Plugins between NFLOG and the outputs but XML, which has none.
   *
   * @default {All}
   */
  plugins?: readonly KeyPlugin[];
}

/** Defaults of the encoder's options. */
export const DEFAULTS: Ulogd2Options = {
  timestamp: true,
  eventv1: false,
  device: "Netfilter",
  booleanLabel: false,
  plugins: KEY_PLUGINS,
  sequence: [],
  label: 0,
  sumTime: true,
};

/**
 * Sends packets and has nfscribe and ulogd log them in every format.
 *
 * @returns A record for each packet and format.
 * @throws {Error} If a log does not have a record for each packet.
 */
export async function recordKeys(options: RecordKeysOptions): Promise<KeyRecord[]> {
  await using folder = await temporaryFolder();
  const theirs = (format: Format) => read(format, theirFile(folder.path, format));
  const ours = (format: Format) => read(format, `${folder.path}/ours.${format}`);
  await using wire = await options.lay(folder.path);
  const { plugins = KEY_PLUGINS } = options;
  const outputs = FORMATS.map((format) => theirOutput(folder.path, format, plugins));
  await using ulogd = await startUlogdStacks(folder.path, GROUPS.ulogd, outputs);
  await using nfscribe = await startOurs(folder.path, plugins);
  await using packets = await captureSoon({ group: GROUPS.test });
  const encoder = new Ulogd2JsonEncoder({ ...DEFAULTS, plugins });
  const taken: Packet[] = [];
  const json: string[] = [];
  const taking = (async () => {
    for await (const packet of packets) {
      json.push(encoded(encoder, packet));
      taken.push(packet);
    }
  })();

  await options.send(wire);
  const count = await wire.count();
  const counts = () => [
    taken.length,
    ...FORMATS.flatMap((format) => [
      ...format === "json" ? [] : [ours(format).length],
      // ulogd has no room for large packets in XML.
      ...format === "xml" ? [] : [theirs(format).length],
    ]),
  ];
  await until("all logs are complete", () => counts().every((length) => length >= count), 10_000)
    .catch(() => {});
  await ulogd.stop();
  nfscribe.kill("SIGTERM");
  const { code, stderr } = await nfscribe.ended();
  await packets.close();
  await taking;
  if (code !== 0 || !counts().every((length) => length === count)) {
    throw new Error(
      `${count} packets were logged; packets captured, then records by format: ${counts()}; ` +
        `nfscribe ended with status ${code}:\n${stderr.slice(-2000)}`,
    );
  }
  return FORMATS.flatMap((format) => {
    const our = format === "json" ? json : ours(format);
    const their = theirs(format);
    let next = 0;
    return taken.flatMap((packet, index) => {
      if (format === "xml" && isTooLarge(our[index]!)) return [];
      return [{ format, packet, theirs: their[next++]!, ours: our[index]! }];
    });
  });
}

/** ulogd's buffer for an element, in which a NUL follows it. */
const XML_MAX = 4096;

/** Returns whether an element is too long for ulogd to write. */
function isTooLarge(element: string): boolean {
  return element.length >= XML_MAX;
}

/** Returns the line of a packet, without its end. */
export function encoded(encoder: Ulogd2JsonEncoder, packet: Packet): string {
  const out = new Uint8Array(8192);
  const length = encoder.encode(Packet.rawOf(packet), out, 0);
  return new TextDecoder().decode(out.subarray(0, length - 1));
}

function theirOutput(
  folder: string,
  format: Format,
  plugins: readonly KeyPlugin[],
): UlogdOutput {
  const through = KEYS_STACK.filter((name) =>
    plugins.some((plugin) => name.endsWith(`:${plugin}`))
  );
  const place = format === "xml" ? `directory="${folder}"` : `file="${folder}/theirs.${format}"`;
  const further = format === "gprint" ? "timestamp=1" : "";
  return {
    plugin: PLUGINS[format],
    options: `${place}\nsync=1\n${further}`,
    through: format === "xml" ? [] : through,
  };
}

/** Returns the path of ulogd's file; that of its XML plugin has the time in its name. */
function theirFile(folder: string, format: Format): string {
  if (format !== "xml") return `${folder}/theirs.${format}`;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return `${folder}/${names.find((name) => name.startsWith("ulogd-pkt-")) ?? "none"}`;
}

function startOurs(
  folder: string,
  plugins: readonly KeyPlugin[],
): ReturnType<typeof startNfscribe> {
  const tables = FORMATS.filter((format) => format !== "json").map((format) =>
    `[output.${format}]\npath = "${folder}/ours.${format}"\n` +
    (format === "gprint" ? "timestamp = true\n" : "") +
    (format === "xml" ? "" : `plugins = ${JSON.stringify(plugins)}\n`)
  );
  const source = `[[source]]\ntype = "nflog"\ngroup = ${GROUPS.nfscribe}\nqueue_timeout_ms = 10\n`;
  const config = `${folder}/nfscribe.toml`;
  Deno.writeTextFileSync(config, `${source}${tables.join("")}[log]\nformat = "json"\n`);
  return startNfscribe("-c", config);
}

function read(format: Format, path: string): string[] {
  try {
    return records(format, Deno.readTextFileSync(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return [];
  }
}
