/**
 * Library nfscribe: packets that Linux firewall rules log, flows that connection tracking follows, and
 * counts of accounting objects, as objects in a program and as records in files.
 *
 * Further modules: `nfscribe/packet` for headers, `nfscribe/pcap` for capture files,
 * `nfscribe/logemu` for lines of text, and `nfscribe/testing` for tests of filters.
 *
 * @module
 */

export { accounting } from "./src/accounting.ts";
export type { AccountingOptions, Accounts } from "./src/accounting.ts";
export { capture } from "./src/capture.ts";
export type { Capture, CaptureOptions } from "./src/capture.ts";
export { conntrack } from "./src/conntrack.ts";
export type { ConntrackOptions, Flows } from "./src/conntrack.ts";
export type { LiveRecords } from "./src/live_records.ts";
export type { SourceStats } from "./src/source/source.ts";
export {
  ConfigError,
  InputError,
  NetlinkError,
  OutputError,
  StaleCounterError,
  StaleFlowError,
  StalePacketError,
} from "./src/errors.ts";
export type { ConfigProblem } from "./src/errors.ts";
export type {
  CounterFilter,
  EventFields,
  Filter,
  FilterContext,
  FilterHook,
  FilterModule,
  FilterTick,
  FlowFilter,
  Verdict,
} from "./src/filter/filter.ts";
export { expression } from "./src/filter/expression/expression.ts";
export type { PacketPredicate, RecordPredicate } from "./src/filter/expression/expression.ts";
export { ExpressionError } from "./src/filter/expression/error.ts";
export { cidr } from "./src/filter/cidr.ts";
export type { AddressMatcher } from "./src/filter/cidr.ts";
export { ports } from "./src/filter/ports.ts";
export type { PortMatcher } from "./src/filter/ports.ts";
export type { Counter } from "./src/counter/counter.ts";
export type { CounterObject, CounterQuota, TableFamily } from "./src/counter/facts.ts";
export type { StructuredCounter } from "./src/counter/structured.ts";
export type { Flow, FlowDirection } from "./src/flow/flow.ts";
export type { FlowNat } from "./src/flow/facts.ts";
export type { FlowEvent } from "./src/flow/raw_flow.ts";
export type { FlowStatus } from "./src/flow/names.ts";
export type { StructuredDirection, StructuredFlow } from "./src/flow/structured.ts";
export type { Interface } from "./src/packet/interface.ts";
export type { Action, ActionPatterns } from "./src/packet/actions.ts";
export type { Packet } from "./src/packet/packet.ts";
export { pcapFile } from "./src/output/pcap/file.ts";
export { logemuFile } from "./src/output/logemu/file.ts";
export type { PacketFile } from "./src/output/packet_file.ts";
