/** Flows for programs and filters. */

import { partOf } from "../bytes/memory.ts";
import { StaleFlowError } from "../errors.ts";
import { ipv4Text, ipv6Text } from "../packet/address.ts";
import { ABSENT, present } from "../packet/absent.ts";
import { describeFlow } from "./describe.ts";
import { type FlowStatus, labelNumbers, stateName, statusNames } from "./names.ts";
import type { FlowNat } from "./facts.ts";
import { isOtherPort, isSameAddress } from "./same_address.ts";
import { FLOW_EVENTS, type FlowEvent, IPV4_SIZE, type RawFlow, type RawTuple } from "./raw_flow.ts";
import { type StructuredFlow, structuredFlow } from "./structured.ts";

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Addresses, ports and counters of one direction of a flow. */
export class FlowDirection {
  readonly #flow: RawFlow;
  readonly #generation: number;
  readonly #tuple: RawTuple;

  /** Wraps a direction of a decoded flow. */
  constructor(flow: RawFlow, tuple: RawTuple) {
    this.#flow = flow;
    this.#generation = flow.generation;
    this.#tuple = tuple;
  }

  get #fresh(): RawTuple {
    if (this.#flow.generation !== this.#generation) throw new StaleFlowError();
    return this.#tuple;
  }

  /** Sender's address, such as `192.0.2.1` or `2001:db8::1`. */
  get source(): string {
    const { addressSize, source } = this.#fresh;
    return addressText(this.#flow.bytes, source, addressSize);
  }

  /** Receiver's address. */
  get destination(): string {
    const { addressSize, destination } = this.#fresh;
    return addressText(this.#flow.bytes, destination, addressSize);
  }

  /** Sender's port. */
  get sourcePort(): number | undefined {
    return present(this.#fresh.sourcePort);
  }

  /** Receiver's port. */
  get destinationPort(): number | undefined {
    return present(this.#fresh.destinationPort);
  }

  /** Type of ICMP or ICMPv6 messages. */
  get icmpType(): number | undefined {
    return present(this.#fresh.icmpType);
  }

  /** Code of ICMP or ICMPv6 messages. */
  get icmpCode(): number | undefined {
    return present(this.#fresh.icmpCode);
  }

  /** Identifier of ICMP or ICMPv6 messages. */
  get icmpId(): number | undefined {
    return present(this.#fresh.icmpId);
  }

  /** Zone, where it is that of this direction only. */
  get zone(): number | undefined {
    return present(this.#fresh.zone);
  }

  /** Packets; absent in events of new flows, and where net.netfilter.nf_conntrack_acct is off. */
  get packets(): number | undefined {
    return present(this.#fresh.packets);
  }

  /** Bytes of these packets, from their IP headers on. */
  get bytes(): number | undefined {
    return present(this.#fresh.bytes);
  }
}

/**
 * A record of a flow of connection tracking. Values that the kernel did not send are `undefined`,
 * never 0.
 *
 * @example Reading a flow
 * ```ts
 * import type { Flow } from "nfscribe";
 *
 * function isLargeUpload(flow: Flow): boolean {
 *   return flow.event === "destroy" && (flow.original.bytes ?? 0) > 1_000_000;
 * }
 * console.log(isLargeUpload.name);
 * ```
 */
export class Flow {
  // Private by name: a filter must not reach the memory that processes share.
  readonly #raw: RawFlow;
  readonly #generation: number;

  /** Wraps a decoded flow. */
  constructor(raw: RawFlow) {
    this.#raw = raw;
    this.#generation = raw.generation;
  }

  /**
   * Returns the decoded flow, for encoders.
   *
   * @throws {StaleFlowError} If the memory holds another record by now.
   */
  static rawOf(flow: Flow): RawFlow {
    const raw = flow.#raw;
    if (raw.generation !== flow.#generation) throw new StaleFlowError();
    return raw;
  }

  /** Name of the host that tracked it, where that is another one: its nfscribe sent it here. */
  get host(): string | undefined {
    return Flow.rawOf(this).host || undefined;
  }

  /**
   * Reason of the record: the flow is `new`, has changed (`update`), has ended (`destroy`), goes on
   * (`interim`), or ended while events were lost (`inferred`).
   */
  get event(): FlowEvent {
    return FLOW_EVENTS[Flow.rawOf(this).event]!;
  }

  /** Direction of the first packet. */
  get original(): FlowDirection {
    const raw = Flow.rawOf(this);
    return new FlowDirection(raw, raw.original);
  }

  /** Direction of answers, with addresses and ports as they are after translation. */
  get reply(): FlowDirection | undefined {
    const raw = Flow.rawOf(this);
    return directionOf(raw, raw.reply);
  }

  /** Flow that this one belongs to, as that of FTP's commands to that of its data. */
  get master(): FlowDirection | undefined {
    const raw = Flow.rawOf(this);
    return directionOf(raw, raw.master);
  }

  /** Translation of addresses and ports; absent if there is none. */
  get nat(): FlowNat | undefined {
    const raw = Flow.rawOf(this);
    const { bytes, original, reply } = raw;
    if (reply.addressSize === ABSENT) return undefined;
    const nat: FlowNat = {};
    if (!isSameAddress(bytes, reply, reply.destination, original, original.source)) {
      nat.source = addressText(bytes, reply.destination, reply.addressSize);
    }
    if (isOtherPort(reply.destinationPort, original.sourcePort)) {
      nat.sourcePort = reply.destinationPort;
    }
    if (!isSameAddress(bytes, reply, reply.source, original, original.destination)) {
      nat.destination = addressText(bytes, reply.source, reply.addressSize);
    }
    if (isOtherPort(reply.sourcePort, original.destinationPort)) {
      nat.destinationPort = reply.sourcePort;
    }
    return Object.keys(nat).length === 0 ? undefined : nat;
  }

  /** Sender of the first packet. */
  get source(): string {
    return this.original.source;
  }

  /** Port of the sender of the first packet. */
  get sourcePort(): number | undefined {
    return this.original.sourcePort;
  }

  /** Receiver of the first packet, before translation. */
  get destination(): string {
    return this.original.destination;
  }

  /** Port of the receiver of the first packet, before translation. */
  get destinationPort(): number | undefined {
    return this.original.destinationPort;
  }

  /** Number of the protocol that IP carries, such as 6 for TCP (IANA protocol numbers). */
  get protocol(): number {
    return Flow.rawOf(this).original.protocol;
  }

  /** State of TCP, SCTP or DCCP as conntrack(8) prints it, such as `ESTABLISHED`. */
  get state(): string | undefined {
    const { state, original } = Flow.rawOf(this);
    return state === ABSENT ? undefined : stateName(original.protocol, state);
  }

  /** Properties of the flow (`IPS_*`, linux/netfilter/nf_conntrack_common.h). */
  get status(): FlowStatus[] | undefined {
    const { status } = Flow.rawOf(this);
    return status === ABSENT ? undefined : statusNames(status);
  }

  /** Mark of the flow (`ct mark`); absent if it is 0, which the kernel does not send. */
  get mark(): number | undefined {
    return present(Flow.rawOf(this).mark);
  }

  /** Zone (`ct zone`) of both directions; absent for the default zone. */
  get zone(): number | undefined {
    return present(Flow.rawOf(this).zone);
  }

  /** The kernel's identifier: the same in all records of a flow. */
  get id(): number | undefined {
    return present(Flow.rawOf(this).id);
  }

  /** Name of the helper that follows the flow's protocol, such as `ftp`. */
  get helper(): string | undefined {
    const { bytes, helperOffset, helperLength } = Flow.rawOf(this);
    return textOf(bytes, helperOffset, helperLength);
  }

  /** Security context (SELinux, Smack). */
  get securityContext(): string | undefined {
    const { bytes, secctxOffset, secctxLength } = Flow.rawOf(this);
    return textOf(bytes, secctxOffset, secctxLength);
  }

  /** Numbers of the labels (`ct label`) that are set. */
  get labels(): number[] | undefined {
    const { bytes, labelsOffset, labelsLength } = Flow.rawOf(this);
    if (labelsLength === ABSENT) return undefined;
    return labelNumbers(bytes, labelsOffset, labelsLength);
  }

  /** Seconds until the kernel forgets the flow if there are no further packets. */
  get timeout(): number | undefined {
    return present(Flow.rawOf(this).timeout);
  }

  /** The kernel's time of the event, in microseconds since the Unix epoch; Linux 6.14 and later have it. */
  get timestamp(): number | undefined {
    const { seconds, nanoseconds } = Flow.rawOf(this);
    return microseconds(seconds, nanoseconds);
  }

  /**
   * Time of the event, else of its receipt, in microseconds since the Unix epoch; `Date` takes
   * milliseconds: `new Date(flow.time / 1000)`.
   */
  get time(): number {
    const { receivedSeconds, receivedNanoseconds } = Flow.rawOf(this);
    return this.timestamp ?? microseconds(receivedSeconds, receivedNanoseconds)!;
  }

  /** Time of the first packet, in microseconds since the Unix epoch; see `duration`. */
  get start(): number | undefined {
    const { startSeconds, startNanoseconds } = Flow.rawOf(this);
    return microseconds(startSeconds, startNanoseconds);
  }

  /** Time of the end, in microseconds since the Unix epoch. */
  get end(): number | undefined {
    const { endSeconds, endNanoseconds } = Flow.rawOf(this);
    return microseconds(endSeconds, endNanoseconds);
  }

  /**
   * Seconds from start to end, to the microsecond, at least 0; absent before the end, and where
   * net.netfilter.nf_conntrack_timestamp was off when the flow began.
   */
  get duration(): number | undefined {
    const { start, end } = this;
    // The kernel takes the two times on two clocks: a short flow may end before it starts.
    return start === undefined || end === undefined ? undefined : Math.max(0, end - start) / 1e6;
  }

  /** Returns a copy of the record in memory of its own. */
  copy(): Flow {
    return new Flow(Flow.rawOf(this).copy());
  }

  /** Returns one readable line. */
  toString(): string {
    return describeFlow(structuredFlow(this));
  }

  /** Returns the structured form, for `JSON.stringify`: names as here, absent where a value is unknown. */
  toJSON(): StructuredFlow {
    const { host, session, capture, extra } = Flow.rawOf(this);
    return structuredFlow(this, { host, capture, ...session && { session }, extra });
  }

  /** Returns the readable line, for `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

function directionOf(flow: RawFlow, tuple: RawTuple): FlowDirection | undefined {
  return tuple.addressSize === ABSENT ? undefined : new FlowDirection(flow, tuple);
}

function addressText(bytes: Uint8Array, at: number, size: number): string {
  return size === IPV4_SIZE ? ipv4Text(bytes, at) : ipv6Text(bytes, at);
}

function textOf(bytes: Uint8Array, offset: number, length: number): string | undefined {
  return length === ABSENT ? undefined : UTF8.decode(partOf(bytes, offset, offset + length));
}

function microseconds(seconds: number, nanoseconds: number): number | undefined {
  return seconds === ABSENT ? undefined : seconds * 1e6 + Math.floor(nanoseconds / 1000);
}
