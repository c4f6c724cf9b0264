/** IGMP, versions 1 to 3 (RFC 1112, RFC 2236, RFC 3376). */

import { ipv4Text } from "../../packet/address.ts";
import { IGMP_TYPES } from "../../packet/describe_transport.ts";
import { addressList } from "./header_options.ts";
import type { Layer } from "./layer.ts";
import { hex, named, yesOrNo } from "./values.ts";

const V3_REPORT = 0x22;
const QUERY = 0x11;
/** Size of a query of version 3 before its sources. */
const V3_QUERY = 12;
const type = named(IGMP_TYPES, hex(2));
const recordType = named({
  1: "is include",
  2: "is exclude",
  3: "change to include",
  4: "change to exclude",
  5: "allow new sources",
  6: "block old sources",
});

/** Reads a message. */
export function igmp(into: Layer): void {
  into.part("IGMP", Infinity, (message) => {
    const isLong = message.left >= V3_QUERY;
    const kind = message.number("type", 1, type);
    message.number(kind === V3_REPORT ? "reserved" : "maxResponseCode", 1);
    message.number("checksum", 2, hex(4));
    if (kind === V3_REPORT) reports(message);
    else message.value("group", 4, ipv4Text);
    if (kind === QUERY && isLong) {
      message.bits("suppress", 1, 3, 1, yesOrNo);
      message.bits("robustness", 1, 0, 3);
      message.skip(1);
      message.number("queryInterval", 1);
      message.number("sources", 2);
      addressList(message, "source");
    }
    message.rest();
    return IGMP_TYPES[kind] ?? type(kind);
  });
}

function reports(message: Layer): void {
  message.number("reserved", 2);
  const count = message.number("records", 2);
  for (let n = 0; n < count && message.left > 0; n++) {
    message.part("record", Infinity, (record) => {
      record.number("type", 1, recordType);
      const extra = record.number("auxiliaryLength", 1);
      const many = record.number("sources", 2);
      record.value("group", 4, ipv4Text);
      for (let m = 0; m < many && record.left > 0; m++) record.value("source", 4, ipv4Text);
      record.data("auxiliary", 4 * extra);
      return "";
    });
  }
}
