/**
 * The golden file of JSON lines: the line in each format of the packets of `logemu.golden`.
 *
 * @module
 */

import { JsonEncoder } from "../../src/output/json/encoder.ts";
import type { PrinterOptions } from "../../src/output/json/options.ts";
import { ActionTable } from "../../src/packet/actions.ts";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import { UNFIT } from "../../src/record/encoder.ts";
import type { GoldenCase } from "./golden.ts";

/** In the order of the file. */
export const FORMATS: readonly PrinterOptions["format"][] = ["nfscribe", "ecs", "ocsf"];

const INTRO =
  `## The packets of logemu.golden as lines of JSON, in each format, with the action of their
## prefix. \`deno task golden\` writes the file anew. Read the difference before you commit it.`;
const OPTIONS = { hostname: "gate", session: "00000000-0000-4000-8000-000000000000" };
const ACTIONS = new ActionTable({ "drop*": "drop", "*": "log" });

/** Returns a packet's line; `none` if the format has none. */
export function jsonLineOf(packet: RawPacket, format: PrinterOptions["format"]): string {
  const out = new Uint8Array(64 * 1024);
  packet.actions = ACTIONS;
  const length = new JsonEncoder({ ...OPTIONS, format, payload: false }).encode(packet, out, 0);
  if (length === UNFIT) return "none";
  return new TextDecoder().decode(out.subarray(0, length - 1));
}

/** Returns the whole file. */
export function renderJson(cases: readonly GoldenCase[]): string {
  const blocks = cases.map(({ title, packet }) =>
    [`# ${title}`, ...FORMATS.map((format) => `${format} ${jsonLineOf(packet, format)}`)].join("\n")
  );
  return `${[INTRO, ...blocks].join("\n\n")}\n`;
}
