/** ICMPv6 (RFC 4443), neighbour discovery (RFC 4861) and multicast listener discovery (RFC 3810). */

import { ipv6Text } from "../../packet/address.ts";
import { echo, extendedEcho, head } from "./icmp.ts";
import type { Layer } from "./layer.ts";
import { mac } from "./link.ts";
import { ICMPV6_CODES, ICMPV6_TYPES } from "./names.ts";
import type { Quoted } from "./quoted.ts";
import { flags, inUnits, lengthIn, named, yesOrNo } from "./values.ts";

/** Size of a listener query of version 2 before its sources (RFC 3810 section 5.1). */
const V2_QUERY = 28;
const routerFlags = flags([["managed", 0x80], ["other", 0x40], ["home agent", 0x20]], 2);
const neighbourFlags = flags([["router", 0x8000_0000], ["solicited", 0x4000_0000], [
  "override",
  0x2000_0000,
]], 8);
const seconds = inUnits("second");
const milliseconds = inUnits("millisecond");

/** Reads a message. */
export function icmpv6(into: Layer, quoted: Quoted): void {
  into.part("ICMPv6", Infinity, (message) => {
    const size = message.left;
    const [type, , text] = head(message, ICMPV6_TYPES, ICMPV6_CODES);
    readBody(message, type, size, quoted);
    return text;
  });
}

function readBody(message: Layer, type: number, size: number, quoted: Quoted): void {
  switch (type) {
    case 1:
    case 3:
      return quoted(message, 8 * message.number("length", 1, lengthIn(8)), () => {
        message.number("unused", 3);
      });
    case 2:
      message.number("mtu", 4);
      return quoted(message, 0);
    case 4:
      message.number("pointer", 4);
      return quoted(message, 0);
    case 128:
    case 129:
      echo(message);
      break;
    case 130:
    case 131:
    case 132:
      listener(message, type === 130 && size >= V2_QUERY);
      break;
    case 133:
      message.number("reserved", 4);
      return options(message);
    case 134:
      message.number("hopLimit", 1);
      message.number("flags", 1, routerFlags);
      message.number("routerLifetime", 2, seconds);
      message.number("reachableTime", 4, milliseconds);
      message.number("retransmissionTimer", 4, milliseconds);
      return options(message);
    case 135:
    case 136:
      if (type === 135) message.number("reserved", 4);
      else message.number("flags", 4, neighbourFlags);
      message.value("target", 16, ipv6Text);
      return options(message);
    case 137:
      message.number("reserved", 4);
      message.value("target", 16, ipv6Text);
      message.value("redirectDestination", 16, ipv6Text);
      return options(message);
    case 143:
      return reports(message);
    case 160:
    case 161:
      extendedEcho(message);
      break;
  }
  message.rest();
}

function listener(message: Layer, isVersion2: boolean): void {
  message.number("maximumResponseDelay", 2, milliseconds);
  message.number("reserved", 2);
  message.value("group", 16, ipv6Text);
  if (!isVersion2) return;
  message.bits("suppress", 1, 3, 1, yesOrNo);
  message.bits("robustness", 1, 0, 3);
  message.skip(1);
  message.number("queryInterval", 1);
  sources(message, message.number("sources", 2));
}

/** Reads a report of version 2. */
function reports(message: Layer): void {
  message.number("reserved", 2);
  const count = message.number("records", 2);
  for (let n = 0; n < count && message.left > 0; n++) {
    message.part("record", Infinity, (record) => {
      record.number("type", 1);
      const extra = record.number("auxiliaryLength", 1);
      const many = record.number("sources", 2);
      record.value("group", 16, ipv6Text);
      sources(record, many);
      record.data("auxiliary", 4 * extra);
      return "";
    });
  }
  message.rest();
}

function sources(into: Layer, count: number): void {
  for (let n = 0; n < count && into.left > 0; n++) into.value("source", 16, ipv6Text);
}

const OPTIONS = {
  1: "source link-layer address",
  2: "target link-layer address",
  3: "prefix information",
  4: "redirected header",
  5: "MTU",
  24: "route information",
  25: "recursive DNS server",
  31: "DNS search list",
} as const;

/** Reads options, whose length in units of 8 bytes includes type and length. */
function options(message: Layer): void {
  while (message.left > 0) {
    const [type, units] = [message.peek(0, 1), message.left > 1 ? message.peek(1, 1) : 1];
    if (units === 0) return message.malformed("an option has a length of 0");
    const name = OPTIONS[type as keyof typeof OPTIONS];
    message.part("option", 8 * units, (option) => {
      option.number("type", 1, named(OPTIONS));
      option.number("length", 1, lengthIn(8));
      readOption(option, name, units);
      return name ?? `type ${type}`;
    });
  }
}

function readOption(
  option: Layer,
  name: typeof OPTIONS[keyof typeof OPTIONS] | undefined,
  units: number,
): void {
  switch (name) {
    case "source link-layer address":
    case "target link-layer address":
      if (units === 1) option.value("linkLayerAddress", 6, mac);
      return;
    case "prefix information":
      option.number("prefixLength", 1);
      option.number("flags", 1, flags([["on link", 0x80], ["autonomous", 0x40]], 2));
      option.number("validLifetime", 4, seconds);
      option.number("preferredLifetime", 4, seconds);
      option.number("reserved", 4);
      return option.value("prefix", 16, ipv6Text);
    case "MTU":
      option.number("reserved", 2);
      option.number("mtu", 4);
      return;
    case "recursive DNS server":
      option.number("reserved", 2);
      option.number("lifetime", 4, seconds);
      while (option.left >= 16) option.value("server", 16, ipv6Text);
  }
}
