/**
 * The NATS output for the conformance suites: the bodies of messages are read as pcapng files and
 * lines of JSON are.
 *
 * @module
 */

import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { bodyOf, cutFrame } from "../../../src/output/messages/cut_frame.ts";
import { concat } from "../../packet/sample.ts";
import type { OutputFixture } from "./fixture.ts";
import { json } from "./json.ts";
import { pcap } from "./pcap.ts";

/** Options of the outputs that write the same bodies into files. */
const BODIES = {
  pcapng: { format: "pcapng", linkType: "nflog" },
  json: { format: "nfscribe", payload: false },
} as const;

/** Returns the bodies of the messages that become of a frame. */
export function bodiesOf(frame: Uint8Array): Uint8Array {
  const groups = cutFrame(frame);
  if (groups === undefined) throw new Error("no frame of messages");
  return concat(...groups.map((group) => bodyOf(group)));
}

/** The NATS output. */
export const nats: OutputFixture = {
  variants: [{ hostname: "gate" }, { payload: "json", hostname: "gate" }],
  place: (folder) => ({ url: "nats://localhost", spool: `${folder}/spool` }),
  read(bytes, { payload }) {
    const body = bodiesOf(bytes);
    return payload === "pcapng" ? pcap.read(body, BODIES.pcapng) : json.read(body, BODIES.json);
  },
  shows(packet: RawPacket, { payload }) {
    return payload === "pcapng"
      ? pcap.shows(packet, BODIES.pcapng)
      : json.shows(packet, BODIES.json);
  },
  server: "tests/nats/server/conformance_test.ts",
  misfits: () => [],
  exceptions: () => ({
    unfit: "there is a record for every packet",
    "loss marks": "they are headers of messages; the output has its own tests",
    "torn end": "records leave the spool before it is closed; the spool has tests of its own",
    reopen: "there is no file to move",
    "slow reader": "there is no pipe; a slow server has its own tests",
    "full disk": "the spool has a limit of its own, and its own tests",
  }),
};
