/** Encodes a flow as a row of the table, for the encoders of databases. */

import { labelNumbers, stateName } from "../../flow/names.ts";
import { FLOW_EVENTS, type RawFlow, type RawTuple } from "../../flow/raw_flow.ts";
import { isSameAddress } from "../../flow/same_address.ts";
import { ABSENT } from "../../packet/absent.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { FLOW_COLUMNS } from "./flow_columns.ts";
import { FIELD_HEAD, RowWriter } from "./row.ts";
import { type OriginOptions, RowOrigin } from "./row_origin.ts";

/** The most bytes of a row besides origin, helper, security context, labels and `extra`. */
const FIXED_MOST = 2 + FLOW_COLUMNS.length * (FIELD_HEAD + 16);
/** The most bytes of the numbers of labels as JSON, by the byte of labels. */
const LABEL_MOST = 8 * 5;

/** Fields of a direction, and of its ends. */
const [DIRECTION_FIELDS, END_FIELDS] = [10, 4] as const;

const EVENTS = FLOW_EVENTS.map((event) => new TextEncoder().encode(event));

/** Encodes rows with the fields in the order of {@linkcode FLOW_COLUMNS}. */
export class FlowRowEncoder implements Encoder<RawFlow> {
  readonly #row = new RowWriter();
  readonly #origin: RowOrigin;
  /** Names of states, by protocol and state. */
  readonly #states = new Map<number, Uint8Array>();

  /** Creates an encoder. */
  constructor(options: OriginOptions) {
    this.#origin = new RowOrigin(options);
  }

  /** Encodes a flow as one row; every flow has one. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    const origin = this.#origin.of(flow);
    if (at + mostOf(flow) + origin.length > out.length) return NO_ROOM;
    const row = this.#row;
    row.begin(out, at, FLOW_COLUMNS.length);
    const isStamped = flow.seconds !== ABSENT;
    if (isStamped) row.time(flow.seconds, flow.nanoseconds);
    else row.time(flow.receivedSeconds, flow.receivedNanoseconds);
    row.fields(origin);
    const event = EVENTS[flow.event]!;
    row.bytes(event, 0, event.length);
    if (flow.original.protocol === ABSENT) row.null();
    else row.int16(flow.original.protocol);
    this.#state(flow);
    this.#direction(flow.bytes, flow.original);
    this.#direction(flow.bytes, flow.reply);
    this.#translation(flow);
    this.#times(flow);
    this.#unsigned(flow.timeout);
    this.#unsigned(flow.status);
    this.#unsigned(flow.id);
    this.#unsigned(flow.mark);
    this.#port(flow.zone);
    this.#labels(flow);
    this.#text(flow.bytes, flow.helperOffset, flow.helperLength);
    this.#text(flow.bytes, flow.secctxOffset, flow.secctxLength);
    this.#ends(flow.bytes, flow.master);
    if (flow.extra === undefined) row.null();
    else row.jsonb(flow.extra);
    return row.at - at;
  }

  #state({ state, original: { protocol } }: RawFlow): void {
    if (state === ABSENT) return this.#row.null();
    const key = protocol << 8 | state;
    let name = this.#states.get(key);
    if (name === undefined) {
      name = new TextEncoder().encode(stateName(protocol, state));
      this.#states.set(key, name);
    }
    this.#row.bytes(name, 0, name.length);
  }

  /** Writes the fields `…_source` to `…_bytes`. */
  #direction(bytes: Uint8Array, tuple: RawTuple): void {
    if (tuple.addressSize === ABSENT) return this.#nulls(DIRECTION_FIELDS);
    this.#ends(bytes, tuple);
    this.#octet(tuple.icmpType);
    this.#octet(tuple.icmpCode);
    this.#port(tuple.icmpId);
    this.#port(tuple.zone);
    this.#count(tuple.packets);
    this.#count(tuple.bytes);
  }

  /** Writes the fields `…_source` to `…_destination_port`. */
  #ends(bytes: Uint8Array, tuple: RawTuple): void {
    const { addressSize } = tuple;
    if (addressSize === ABSENT) return this.#nulls(END_FIELDS);
    this.#address(bytes, tuple.source, addressSize);
    this.#port(tuple.sourcePort);
    this.#address(bytes, tuple.destination, addressSize);
    this.#port(tuple.destinationPort);
  }

  /** Writes the fields `nat_source` to `nat_destination_port`: of answers, where they differ. */
  #translation({ bytes, original, reply }: RawFlow): void {
    const { addressSize } = reply;
    if (addressSize === ABSENT) return this.#nulls(END_FIELDS);
    const keepsSource = isSameAddress(bytes, reply, reply.destination, original, original.source);
    this.#address(bytes, reply.destination, keepsSource ? ABSENT : addressSize);
    this.#port(changed(reply.destinationPort, original.sourcePort));
    const keepsDestination = isSameAddress(
      bytes,
      reply,
      reply.source,
      original,
      original.destination,
    );
    this.#address(bytes, reply.source, keepsDestination ? ABSENT : addressSize);
    this.#port(changed(reply.sourcePort, original.destinationPort));
  }

  /** Writes the fields `start_time`, `end_time` and `duration`. */
  #times({ startSeconds, startNanoseconds, endSeconds, endNanoseconds }: RawFlow): void {
    const row = this.#row;
    if (startSeconds === ABSENT) row.null();
    else row.time(startSeconds, startNanoseconds);
    if (endSeconds === ABSENT) row.null();
    else row.time(endSeconds, endNanoseconds);
    if (startSeconds === ABSENT || endSeconds === ABSENT) row.null();
    else {
      const start = startSeconds * 1e6 + Math.floor(startNanoseconds / 1000);
      const end = endSeconds * 1e6 + Math.floor(endNanoseconds / 1000);
      row.seconds(Math.max(0, end - start) / 1e6);
    }
  }

  #labels({ bytes, labelsOffset, labelsLength }: RawFlow): void {
    if (labelsLength === ABSENT) return this.#row.null();
    // Labels are rare.
    const numbers = labelNumbers(bytes, labelsOffset, labelsLength);
    this.#row.jsonb(new TextEncoder().encode(JSON.stringify(numbers)));
  }

  #nulls(count: number): void {
    for (let field = 0; field < count; field++) this.#row.null();
  }

  #address(bytes: Uint8Array, at: number, size: number): void {
    if (size === ABSENT) this.#row.null();
    else this.#row.inet(bytes, at, size as 4 | 16);
  }

  #text(bytes: Uint8Array, at: number, length: number): void {
    if (length === ABSENT) this.#row.null();
    else this.#row.text(bytes, at, length);
  }

  #octet(value: number): void {
    if (value === ABSENT) this.#row.null();
    else this.#row.int16(value);
  }

  #port(value: number): void {
    if (value === ABSENT) this.#row.null();
    else this.#row.int32(value);
  }

  #unsigned(value: number): void {
    if (value === ABSENT) this.#row.null();
    else this.#row.uint32(value);
  }

  #count(value: number): void {
    if (value === ABSENT) this.#row.null();
    else this.#row.count(value);
  }
}

/** Returns a value of answers where it differs; ABSENT where it does not. */
function changed(value: number, original: number): number {
  return value === original ? ABSENT : value;
}

/** Returns the most bytes of a row without its origin. */
function mostOf({ helperLength, secctxLength, labelsLength, extra }: RawFlow): number {
  return FIXED_MOST + 4 * (Math.max(0, helperLength) + Math.max(0, secctxLength)) +
    LABEL_MOST * Math.max(0, labelsLength) + (extra?.length ?? 0);
}
