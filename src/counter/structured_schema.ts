/**
 * The structured form of a counter, described: the check of what another process says and the
 * published JSON Schema are made from it.
 */

import * as v from "valibot";
import { bits, parseForm, table, text, upTo } from "../packet/form_schema.ts";
import { STRUCTURED_VERSION } from "../packet/structured.ts";
import { FAMILY_NAMES } from "./families.ts";
import type { StructuredCounter } from "./structured.ts";

const may = v.exactOptional;
const count = (description: string) => upTo(Number.MAX_SAFE_INTEGER, description);

/** The structured form of a counter. */
export const counterSchema = v.object({
  type: v.pipe(v.literal("counter"), v.description("Kind of record.")),
  version: v.pipe(
    v.literal(STRUCTURED_VERSION),
    v.description("Version of the form: it is raised where a name gets another meaning."),
  ),
  time: text("Time of the reading: RFC 3339, in UTC, with microseconds."),
  host: may(text("Name of the host that counted.")),
  capture: may(text("Name of the source that took the record.")),
  session: may(text("Identifier of the run of nfscribe: a UUID.")),
  seq: may(bits(32, "Number of the reading, which grows by one with each.")),
  object: v.pipe(
    v.picklist(["nfacct", "nft"]),
    v.description("Kind of the object: of nfacct(8), or a named counter of nftables."),
  ),
  family: may(
    v.pipe(
      v.picklist(FAMILY_NAMES),
      v.description("Family of the table of a named counter, in nft's words."),
    ),
  ),
  table: may(text("Name of the table of a named counter.")),
  name: text("Name of the object."),
  packets: may(count("Packets since the last reading.")),
  bytes: may(count("Bytes of these packets.")),
  interval: may(
    v.pipe(v.number(), v.description("Seconds since the last reading, to the microsecond.")),
  ),
  totalPackets: may(
    count(
      "Packets since the object was made or set to 0; absent where each reading sets it to 0, and above 2^53 - 1.",
    ),
  ),
  totalBytes: may(count("Bytes of these packets.")),
  restarted: may(
    v.pipe(
      v.literal(true),
      v.description(
        "True where the object was made, or set to 0 by another program, since the last reading: " +
          "packets and bytes are counts since then.",
      ),
    ),
  ),
  quota: may(table("Limit of an object of nfacct that is a quota.", {
    packets: may(count("Limit in packets.")),
    bytes: may(count("Limit in bytes.")),
    exceeded: v.pipe(v.boolean(), v.description("Whether it was exceeded.")),
  })),
  extra: may(
    v.pipe(v.record(v.string(), v.unknown()), v.description("Fields that a filter attached.")),
  ),
});

/**
 * Returns the structured form that a text holds, without fields that the form does not have, and
 * fields that a filter attached; undefined where it holds none.
 *
 * @param json A text from another process.
 */
export function parseCounter(json: string): StructuredCounter | undefined {
  const form = parseForm(counterSchema, json);
  if (form === undefined) return undefined;
  const { extra: _, ...rest } = form;
  return rest;
}
