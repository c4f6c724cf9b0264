/**
 * For tests of filter scripts: packets, flows and counters made by hand, and packets of capture
 * files.
 *
 * @example A filter's test, which `deno test` runs
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Filter } from "nfscribe";
 * import { filterContext, packet, type PacketFields } from "nfscribe/testing";
 *
 * const filter: Filter = (packet) => packet.tcp?.destinationPort === 143 ? "pcap" : "logemu";
 * const verdict = (fields: PacketFields) => filter(packet(fields), filterContext());
 *
 * assertEquals(verdict({ tcp: { destinationPort: 143 } }), "pcap");
 * assertEquals(verdict({ udp: { destinationPort: 53 } }), "logemu");
 * ```
 *
 * @module
 */

export { counter } from "./src/fixtures/counter.ts";
export type { AccountFields } from "./src/fixtures/counter.ts";
export { filterContext } from "./src/fixtures/filter_context.ts";
export type { RecordedContext } from "./src/fixtures/filter_context.ts";
export { flow } from "./src/fixtures/flow.ts";
export type { CounterFields, FlowFields } from "./src/fixtures/flow_fields.ts";
export { packet } from "./src/fixtures/packet.ts";
export type {
  HookName,
  IcmpFields,
  PacketFields,
  TcpFields,
  UdpFields,
} from "./src/fixtures/fields.ts";
export { packetsFrom } from "./src/fixtures/packets_from.ts";
export type { PacketsFromOptions } from "./src/fixtures/packets_from.ts";
