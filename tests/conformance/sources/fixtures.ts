/**
 * A fixture for each type of source; a new source is one entry here.
 *
 * @module
 */

import { be32 } from "../../../src/netlink/attribute.ts";
import * as c from "../../../src/netlink/nflog/constants.ts";
import { LINKTYPE_RAW } from "../../../src/pcap/link/types.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { everyAttribute, logged } from "../../source/nflog/sample.ts";
import { batch } from "../../source/pcap/sample.ts";
import { ulogDatagram } from "../../source/ulog/sample.ts";
import { hex } from "../../packet/sample.ts";
import { chunkOf } from "../../source/nats/sample.ts";
import { numberedAccount } from "../../source/accounting/sample.ts";
import { numberedFlow } from "../../source/conntrack/sample.ts";
import { numbered } from "../packets.ts";
import type { SourceFixture } from "./fixture.ts";

function payload(number: number): Uint8Array {
  return new Packet(numbered(number)).payload!;
}

const nflog: SourceFixture = {
  options: { group: 1 },
  packet: (number) =>
    logged(
      everyAttribute(payload(number)).map((attribute) =>
        attribute.type === c.NFULA_SEQ ? { ...attribute, value: be32(number) } : attribute
      ),
    ),
  exceptions: {},
};

const ulog: SourceFixture = {
  options: { group: 1, copyRange: 0 },
  packet: (number) =>
    ulogDatagram([{
      payload: payload(number),
      prefix: "drop: ",
      mark: 0x2a,
      inDevice: "eth0",
      mac: hex("02005e100001 02005e100002 0800"),
      seconds: 1_600_000_000,
      microseconds: 123_456,
    }]),
  exceptions: {
    numbers: "ULOG does not number packets",
    loss: "ULOG does not number packets",
    "foreign sender": "a relay on another netlink family is no kernel, and its packets are taken",
  },
};

const pcap: SourceFixture = {
  options: { path: "in.pcap", copyRange: 0 },
  packet: (number) => batch(LINKTYPE_RAW, [payload(number)]),
  exceptions: {
    numbers: "a file's records are not numbered",
    loss: "a file's records are not numbered",
    "foreign sender": "a file has one sender",
    stop: "what was not read stays in the file",
    handover: "there is no socket",
  },
};

const conntrack: SourceFixture = {
  options: { events: ["destroy"] },
  packet: numberedFlow,
  exceptions: { numbers: "events have no numbers: the reader counts those that are lost" },
};

const accounting: SourceFixture = {
  options: { reset: true },
  packet: numberedAccount,
  exceptions: {
    numbers: "objects have no numbers: the kernel keeps their counts",
    loss: "nothing is lost: the kernel keeps the counts",
  },
};

const nats: SourceFixture = {
  options: { kind: "packet" },
  packet: (number) => chunkOf(numbered(number)),
  exceptions: {
    numbers: "messages are numbered, and the reader counts what is missing",
    loss: "messages are numbered, and the reader counts what is missing",
    "foreign sender": "the server says who may send",
    stop: "what was not read stays in the stream",
    handover: "there is no socket",
  },
};

/** The fixtures, by type. */
export const sourceFixtures: Readonly<Record<string, SourceFixture>> = {
  nflog,
  pcap,
  ulog,
  conntrack,
  accounting,
  nats,
};
