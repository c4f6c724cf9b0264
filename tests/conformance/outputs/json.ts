/**
 * The JSON output for the conformance suites: lines are parsed and their names translated.
 *
 * @module
 */

import type { Options } from "../../../src/definition.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { rawPacket } from "../../packet/sample.ts";
import { allOf, hookNumber, micros, type OutputFixture, type Shown } from "./fixture.ts";

// deno-lint-ignore no-explicit-any -- what a format has is for the suite to find out
type Line = Record<string, any>;

/** Readers of each format. */
const READERS: Readonly<Record<string, (line: Line) => Shown>> = {
  nfscribe(line) {
    const { time, hook, payload, source, sourcePort, destination, destinationPort } = line;
    const { length, prefix, in: inDev, out, mark, uid, gid, seq } = line;
    return {
      ...{ source, sourcePort, destination, destinationPort, length, prefix, mark, uid, gid, seq },
      time: micros(time),
      hook: hookNumber(hook, line.protocol === "ARP"),
      in: inDev,
      out,
      payload: payload && Uint8Array.fromBase64(payload).toHex(),
    };
  },
  ecs(line) {
    const { event, observer, source = {}, destination = {}, network, rule, user, nfscribe } = line;
    return {
      time: micros(line["@timestamp"]),
      ...{ source: source.ip, sourcePort: source.port },
      ...{ destination: destination.ip, destinationPort: destination.port },
      length: network.bytes,
      prefix: rule?.name,
      hook: hookNumber(nfscribe.hook, network.type === "arp"),
      in: observer.ingress?.interface.name,
      out: observer.egress?.interface.name,
      mark: nfscribe.mark,
      uid: user?.id && Number(user.id),
      gid: user?.group && Number(user.group.id),
      seq: event.sequence,
    };
  },
  ocsf(line) {
    const { metadata, src_endpoint, dst_endpoint, traffic, firewall_rule, unmapped } = line;
    const { hook, in: inDev, out, mark, uid, gid } = unmapped;
    return {
      time: micros(metadata.original_time),
      ...{ source: src_endpoint.ip, sourcePort: src_endpoint.port },
      ...{ destination: dst_endpoint.ip, destinationPort: dst_endpoint.port },
      ...{ length: traffic.bytes, prefix: firewall_rule?.name, mark, uid, gid },
      hook: hookNumber(hook, line.connection_info.protocol_ver_id === undefined),
      in: inDev,
      out,
      seq: metadata.sequence,
    };
  },
};

function linesOf(bytes: Uint8Array): string[] {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  return text.split("\n").slice(0, -1);
}

/** The JSON output. */
export const json: OutputFixture = {
  isText: true,
  variants: [
    { format: "nfscribe", payload: true, hostname: "gate" },
    ...Object.keys(READERS).map((format) => ({ format, hostname: "gate" })),
  ],
  place: (folder) => ({ path: `${folder}/out` }),
  read: (bytes, { format }) =>
    linesOf(bytes).map((line) => READERS[format as string]!(JSON.parse(line))),
  shows(packet: RawPacket, { format, payload: hasPayload }: Options) {
    const { isWhole: _, payload, prefix, ...all } = allOf(packet);
    // OCSF's class is of packets with addresses.
    if (format === "ocsf" && all.source === undefined) return undefined;
    return { ...all, prefix: prefix || undefined, ...hasPayload === true && { payload } };
  },
  misfits: ({ format }) => format === "ocsf" ? [rawPacket(new Uint8Array(28), { family: 7 })] : [],
  readFile(bytes, options) {
    // A line that a crash has cut off stays, and gets its end.
    const whole = linesOf(bytes).filter((line) => line.endsWith("}"));
    return whole.map((line) => READERS[options.format as string]!(JSON.parse(line)));
  },
  exceptions: ({ format }) => ({
    "loss marks": "a line stands for a packet",
    ...format !== "ocsf" && { unfit: "there is a line for every packet" },
  }),
};
