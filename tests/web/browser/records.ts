/** Records of one conversation, for tests of the drawer and of flows. */

import { addressBytes, parseAddress } from "../../../src/filter/parse_address.ts";
import type { MadeUpSite } from "./page.ts";

/** Ends of the conversation. */
export const CLIENT = "203.0.113.7";
export const SERVER = "192.0.2.10";
/** Ports of both ends. */
const [CLIENT_PORT, SERVER_PORT] = [40_000, 22];

/** Adds a SYN that was dropped, whose row is the first of the store. */
export function addRequest(site: MadeUpSite, timeMs: number): void {
  site.records.packet(timeMs, "DROP in ", {
    source: CLIENT,
    destination: SERVER,
    inDev: "eth0",
    tcp: { sourcePort: CLIENT_PORT, destinationPort: SERVER_PORT, flags: "SYN" },
  });
}

/** Adds an answer to it. */
export function addAnswer(site: MadeUpSite, timeMs: number): void {
  site.records.packet(timeMs, "OUT ", {
    source: SERVER,
    destination: CLIENT,
    outDev: "eth0",
    tcp: { sourcePort: SERVER_PORT, destinationPort: CLIENT_PORT, flags: "SYN,ACK" },
  });
}

/** Adds the end of a flow whose sender was translated to 198.51.100.7:61000. */
export function addTranslated(site: MadeUpSite, startMs: number, endMs: number): void {
  site.store.add("flow", {
    ...translated(endMs),
    event: "destroy",
    original_packets: 12,
    original_bytes: 3400,
    reply_packets: 10,
    reply_bytes: 56_000,
    start_time: micros(startMs),
    end_time: micros(endMs),
    duration: (endMs - startMs) / 1000,
    status: 2 | 4 | 8 | 16,
    id: 7,
  });
}

/** Adds the beginning of another flow between the same ends. */
export function addOpen(site: MadeUpSite, timeMs: number): void {
  site.store.add("flow", { ...translated(timeMs), event: "new", id: 8 });
}

const micros = (ms: number) => BigInt(ms) * 1000n;

/** Returns what all records of a translated flow have. */
function translated(timeMs: number): Parameters<MadeUpSite["store"]["add"]>[1] {
  const bytes = (address: string) => addressBytes(parseAddress(address)!);
  return {
    time: micros(timeMs),
    host: "gw1",
    capture: "conntrack",
    session: new Uint8Array(16).fill(7),
    protocol: 6,
    original_source: bytes("10.0.0.7"),
    original_source_port: 50_000,
    original_destination: bytes("192.0.2.1"),
    original_destination_port: 443,
    reply_source: bytes("192.0.2.1"),
    reply_source_port: 443,
    reply_destination: bytes("198.51.100.7"),
    reply_destination_port: 61_000,
    nat_source: bytes("198.51.100.7"),
    nat_source_port: 61_000,
  };
}
