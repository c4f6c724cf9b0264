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
    row.int16OrNull(flow.original.protocol);
    this.#state(flow);
    this.#direction(flow.bytes, flow.original);
    this.#direction(flow.bytes, flow.reply);
    this.#translation(flow);
    this.#times(flow);
    row.uint32OrNull(flow.timeout);
    row.uint32OrNull(flow.status);
    row.uint32OrNull(flow.id);
    row.uint32OrNull(flow.mark);
    row.int32OrNull(flow.zone);
    this.#labels(flow);
    row.textOrNull(flow.bytes, flow.helperOffset, flow.helperLength);
    row.textOrNull(flow.bytes, flow.secctxOffset, flow.secctxLength);
    this.#ends(flow.bytes, flow.master);
    row.jsonb(flow.extra);
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
    const row = this.#row;
    if (tuple.addressSize === ABSENT) return row.nulls(DIRECTION_FIELDS);
    this.#ends(bytes, tuple);
    row.int16OrNull(tuple.icmpType);
    row.int16OrNull(tuple.icmpCode);
    row.int32OrNull(tuple.icmpId);
    row.int32OrNull(tuple.zone);
    row.countOrNull(tuple.packets);
    row.countOrNull(tuple.bytes);
  }

  /** Writes the fields `…_source` to `…_destination_port`. */
  #ends(bytes: Uint8Array, tuple: RawTuple): void {
    const row = this.#row;
    const { addressSize } = tuple;
    if (addressSize === ABSENT) return row.nulls(END_FIELDS);
    row.inetOrNull(bytes, tuple.source, addressSize);
    row.int32OrNull(tuple.sourcePort);
    row.inetOrNull(bytes, tuple.destination, addressSize);
    row.int32OrNull(tuple.destinationPort);
  }

  /** Writes the fields `nat_source` to `nat_destination_port`: of answers, where they differ. */
  #translation({ bytes, original, reply }: RawFlow): void {
    const row = this.#row;
    const { addressSize } = reply;
    if (addressSize === ABSENT) return row.nulls(END_FIELDS);
    const keepsSource = isSameAddress(bytes, reply, reply.destination, original, original.source);
    row.inetOrNull(bytes, reply.destination, keepsSource ? ABSENT : addressSize);
    row.int32OrNull(changed(reply.destinationPort, original.sourcePort));
    const keepsDestination = isSameAddress(
      bytes,
      reply,
      reply.source,
      original,
      original.destination,
    );
    row.inetOrNull(bytes, reply.source, keepsDestination ? ABSENT : addressSize);
    row.int32OrNull(changed(reply.sourcePort, original.destinationPort));
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
