/** TCP (RFC 9293). */

import { IPPROTO_TCP } from "../../packet/protocols.ts";
import { TCP_FLAGS, TCP_HEADER, tcpFlagNames } from "../../packet/tcp.ts";
import { headerOptions } from "./header_options.ts";
import type { Layer } from "./layer.ts";
import { flags, hex, lengthIn, portOf } from "./values.ts";

const OPTIONS = {
  2: "maximum segment size",
  3: "window scale",
  4: "SACK permitted",
  5: "SACK",
  8: "timestamps",
  19: "MD5 signature",
  28: "user timeout",
  29: "authentication",
  30: "MPTCP",
  34: "fast open",
} as const;
const port = portOf(IPPROTO_TCP);
const flagText = flags(TCP_FLAGS, 2);

/** Reads a segment. */
export function tcp(into: Layer): void {
  into.part("TCP", Infinity, (header) => {
    const { at } = header;
    const source = header.number("sourcePort", 2, port);
    const destination = header.number("destinationPort", 2, port);
    header.number("sequenceNumber", 4);
    header.number("acknowledgmentNumber", 4);
    const length = 4 * header.bits("headerLength", 1, 4, 4, lengthIn(4));
    header.bits("reserved", 1, 1, 3);
    header.bits("accurateEcn", 1, 0, 1);
    header.skip(1);
    const set = header.number("flags", 1, flagText);
    const names = header.isOver ? "" : ` ${tcpFlagNames(set).replaceAll(",", ", ")}`;
    if (!header.isOver && length < TCP_HEADER) {
      header.malformed(`a header has at least ${TCP_HEADER} bytes`);
    }
    header.number("window", 2);
    header.number("checksum", 2, hex(4));
    header.number("urgentPointer", 2);
    header.limit = Math.min(header.limit, at + Math.max(length, TCP_HEADER));
    if (length > TCP_HEADER) {
      header.part("options", length - TCP_HEADER, (list) => {
        headerOptions(list, OPTIONS, readOption);
        return "";
      });
    }
    return `${source} > ${destination}${names}`;
  });
  into.rest();
}

function readOption(option: Layer, type: number): string {
  switch (OPTIONS[type as keyof typeof OPTIONS]) {
    case "maximum segment size":
      return String(option.number("maximumSegmentSize", 2));
    case "window scale":
      return String(option.number("windowScale", 1, (shift) => `${shift} (× ${2 ** shift})`));
    case "SACK":
      while (option.left >= 8) {
        option.number("leftEdge", 4);
        option.number("rightEdge", 4);
      }
      return "";
    case "timestamps":
      return `${option.number("value", 4)}, echo reply ${option.number("echoReply", 4)}`;
    case "MPTCP":
      return `subtype ${option.peek(0, 1) >> 4}`;
    default:
      return "";
  }
}
